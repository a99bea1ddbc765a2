// The tournament page: a snapshot from the server, kept true by the live feed.
// Names come from people, so everything is set as text, never as HTML of our making.

import { Feed } from "./feed.js";
import { story } from "./stories.js";

const FEED_LENGTH = 100;
const byId = (id) => document.getElementById(id);
const root = byId("tournament");

const CHANGES = {
  "tournament.opened": () => setStatus("registration_open", "Open"),
  "registration.confirmed": () => { byId("entrants").textContent = Number(byId("entrants").textContent) + 1; },
  "tournament.started": start,
  "match.ready": (data) => data.players.forEach((player, slot) => seat(data.round, data.position, slot, player.username, "ready")),
  "match.reported": (data) => showScore(data, "reported"),
  "match.completed": complete,
  "tournament.completed": crown,
  "tournament.cancelled": () => setStatus("cancelled", "Cancelled"),
};

function setStatus(status, words) {
  byId("status").dataset.status = status;
  byId("status").textContent = words;
}

function start(data) {
  setStatus("live", "Live");
  byId("entrants").textContent = data.entrants;
  // Spread out, as every page does this in the same moment.
  setTimeout(drawBracket, Math.random() * 500);
}

async function drawBracket() {
  const answer = await fetch(root.dataset.bracket);
  if (!answer.ok) return;
  const drawn = new DOMParser().parseFromString(await answer.text(), "text/html");
  byId("bracket").replaceChildren(...drawn.body.children);
  late.splice(0).forEach((change) => change());
}

// What happens between the start and the bracket's arrival is applied once more when it is there.
const late = [];

function match(round, position) {
  return document.querySelector(`.match[data-round="${Number(round)}"][data-position="${Number(position)}"]`);
}

function seat(round, position, slot, name, status) {
  const cell = match(round, position);
  if (!cell) return late.push(() => match(round, position) && seat(round, position, slot, name, status));
  cell.children[slot].querySelector(".name").textContent = name;
  if (status) cell.dataset.status = status;
}

function showScore(data, status) {
  const cell = match(data.round, data.position);
  if (!cell) return late.push(() => match(data.round, data.position) && showScore(data, status));
  data.score.forEach((points, slot) => { cell.children[slot].querySelector(".score").textContent = points; });
  cell.dataset.status = status;
  cell.classList.remove("changed");
  requestAnimationFrame(() => cell.classList.add("changed"));
}

function complete(data) {
  const cell = match(data.round, data.position);
  if (!cell) return late.push(() => match(data.round, data.position) && complete(data));
  showScore(data, "completed");
  cell.children[data.score[0] > data.score[1] ? 0 : 1].dataset.won = "true";
  if (!data.final) seat(data.round + 1, Math.floor(data.position / 2), data.position % 2, data.winner.username);
}

function crown(data) {
  setStatus("completed", "Completed");
  byId("champion").textContent = data.champion.username;
  byId("crowned").hidden = false;
}

function tell(item, event) {
  const time = document.createElement("time");
  time.dateTime = event.at;
  time.textContent = new Date(event.at).toLocaleTimeString();
  item.append(story(event) ?? event.name, time);
}

function addToFeed(event) {
  const item = document.createElement("li");
  tell(item, event);
  byId("feed").prepend(item);
  while (byId("feed").children.length > FEED_LENGTH) byId("feed").lastElementChild.remove();
}

function showState(state) {
  const sign = byId("connection");
  sign.hidden = false;
  sign.dataset.state = state;
  sign.textContent = state === "live" ? "● Live" : "Offline: reconnecting…";
}

for (const item of byId("feed").children) tell(item, JSON.parse(item.dataset.event));

new Feed({
  tournament: root.dataset.id,
  seq: Number(root.dataset.seq),
  onState: showState,
  onEvent: (event) => { CHANGES[event.name]?.(event.data); addToFeed(event); },
}).connect();
