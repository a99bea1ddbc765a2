// The tournament page: a snapshot from the server, updated by the live feed. Scores and names change
// immediately; the rest is fetched from the server a moment later.
// Names are user input, so everything is set as text, never as HTML.

import { refresh } from "../web/refresh.js";
import { localize } from "../web/times.js";
import { CONNECTION, Feed } from "../matches/feed.js";
import { Fragments } from "./fragments.js";
import { messageOf } from "./event_messages.js";

const FEED_LENGTH = 100;
const FINISHED = ["completed", "cancelled"];
const byId = (id) => document.getElementById(id);
const root = byId("tournament");

const URGENT = {
  "match.ready": seat,
  "match.reported": (data) => showScore(data, "reported"),
  "match.completed": (data) => { showScore(data, "completed"); crownWinner(data); },
};
// Events that refresh the visitor's own panel.
const followed = new Set(byId("you").dataset.follows.split(" "));
const concernsVisitor = (event) => followed.has(event.name.split(".")[0]);

function match(data) {
  return document.querySelector(`.match[data-match="${Number(data.match_id)}"]`);
}

function seat(data) {
  const cell = match(data);
  if (!cell) return;
  data.entrants.forEach((entrant, slot) => {
    const name = cell.children[slot].querySelector(".name");
    name.textContent = name.title = entrant.name;
    delete cell.children[slot].dataset.open;
  });
  cell.dataset.status = "ready";
}

function showScore(data, status) {
  const cell = match(data);
  if (!cell || !data.score) return;
  data.score.forEach((points, slot) => { cell.children[slot].querySelector(".score").textContent = points; });
  cell.dataset.status = status;
  cell.classList.remove("changed");
  requestAnimationFrame(() => cell.classList.add("changed"));
}

function crownWinner(data) {
  const cell = match(data);
  if (!cell || !data.score) return;
  [...cell.children].forEach((slot, at) => { slot.dataset.won = String(data.score[at] > data.score[1 - at]); });
}

function fill(item, event) {
  const time = document.createElement("time");
  time.dateTime = event.at;
  time.dataset.style = "second";
  const message = document.createElement("span");
  message.textContent = messageOf(event) ?? event.name;
  item.append(message, time);
  localize(item);
}

function addToFeed(event) {
  const item = document.createElement("li");
  fill(item, event);
  byId("feed").prepend(item);
  while (byId("feed").children.length > FEED_LENGTH) byId("feed").lastElementChild.remove();
}

let connection = "";

// The sign shows the state of the feed. A finished tournament has no more events.
function showState(state = connection) {
  connection = state;
  const sign = byId("connection");
  const finished = FINISHED.includes(byId("status").dataset.status);
  sign.hidden = !state;
  sign.dataset.state = finished && state === "live" ? "final" : state;
  sign.textContent = CONNECTION[sign.dataset.state];
}

let personal = 0; // the last event that may have changed the visitor's panel
const refreshPanel = () => refresh("#you", personal);

function panelOutdated(seq) {
  personal = seq;
  fragments.afterwards(refreshPanel);
}

// The panel's text, and whether its fold is open.
let before;
const panelState = () => ({ text: byId("you").textContent, open: byId("you").querySelector("details")?.open });

document.body.addEventListener("htmx:beforeSwap", () => { before = panelState(); });

// A notice about an action disappears when a later event changes the panel.
document.body.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.requestConfig.verb !== "get") return;
  if (panelState().text !== before.text) byId("notices").replaceChildren();
  else if (before.open) byId("you").querySelector("details").open = true;
});

for (const item of byId("feed").children) fill(item, JSON.parse(item.dataset.event));

const fragments = new Fragments({ url: root.dataset.parts, onRefresh: () => showState() });
const feed = new Feed({
  tournament: root.dataset.id,
  seq: Number(root.dataset.seq),
  onState: showState,
  onEvent: (event) => {
    URGENT[event.name]?.(event.data);
    addToFeed(event);
    fragments.outdated(event.seq);
    if (concernsVisitor(event)) panelOutdated(event.seq);
  },
});
feed.connect();
