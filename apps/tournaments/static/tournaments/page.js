// The tournament page: a snapshot from the server, kept true by the live feed. What is urgent is
// changed at once; the rest is fetched as the server draws it, a moment later.
// Names come from people, so everything is set as text, never as HTML of our making.

import { redraw } from "../web/refresh.js";
import { localize } from "../web/times.js";
import { Feed } from "../matches/feed.js";
import { Parts } from "./fragments.js";
import { story } from "./event_messages.js";

const FEED_LENGTH = 100;
const OVER = ["completed", "cancelled"];
const byId = (id) => document.getElementById(id);
const root = byId("tournament");

const URGENT = {
  "match.ready": seat,
  "match.reported": (data) => showScore(data, "reported"),
  "match.completed": (data) => { showScore(data, "completed"); crownWinner(data); },
};
// Of which events one's own panel is to be drawn again.
const followed = new Set(byId("you").dataset.follows.split(" "));
const concernsYou = (event) => followed.has(event.name.split(".")[0]);

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

function tell(item, event) {
  const time = document.createElement("time");
  time.dateTime = event.at;
  time.dataset.style = "second";
  const words = document.createElement("span");
  words.textContent = story(event) ?? event.name;
  item.append(words, time);
  localize(item);
}

function addToFeed(event) {
  const item = document.createElement("li");
  tell(item, event);
  byId("feed").prepend(item);
  while (byId("feed").children.length > FEED_LENGTH) byId("feed").lastElementChild.remove();
}

let connection = "";

// The sign is about the feed: of what is over there is nothing more to come.
function showState(state = connection) {
  connection = state;
  const sign = byId("connection");
  const over = OVER.includes(byId("status").dataset.status);
  sign.hidden = !state;
  sign.dataset.state = over && state === "live" ? "final" : state;
  sign.textContent = { live: "● Live updates", final: "Over", offline: "Offline: reconnecting…" }[sign.dataset.state];
}

let personal = 0; // the last event that may have changed how one stands
const drawYou = () => redraw("#you", personal);

function youOutdated(seq) {
  personal = seq;
  parts.afterwards(drawYou);
}

// How one stands: what it says, and whether its fold is open.
let stood;
const stands = () => ({ words: byId("you").textContent, open: byId("you").querySelector("details")?.open });

document.body.addEventListener("htmx:beforeSwap", () => { stood = stands(); });

// What was said of something done here is over once a later event has changed that.
document.body.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.requestConfig.verb !== "get") return;
  if (stands().words !== stood.words) byId("notices").replaceChildren();
  else if (stood.open) byId("you").querySelector("details").open = true;
});

for (const item of byId("feed").children) tell(item, JSON.parse(item.dataset.event));

const parts = new Parts({ url: root.dataset.parts, onDrawn: () => showState() });
const feed = new Feed({
  tournament: root.dataset.id,
  seq: Number(root.dataset.seq),
  onState: showState,
  onEvent: (event) => {
    URGENT[event.name]?.(event.data);
    addToFeed(event);
    parts.outdated(event.seq);
    if (concernsYou(event)) youOutdated(event.seq);
  },
});
feed.connect();
