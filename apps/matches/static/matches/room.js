// The match room: drawn anew by the server whenever something happens to its match, unless somebody
// is writing in it; then it says so, and waits.

import { refresh } from "../web/refresh.js";
import { Feed } from "./feed.js";

const room = () => document.getElementById("room");
const notices = () => document.getElementById("notices");

function isWriting() {
  const fields = room().querySelectorAll("input:not([type=hidden]), textarea");
  return [...fields].some((field) => field === document.activeElement || field.value !== field.defaultValue);
}

function drawAgain(seq) {
  if (!isWriting()) refresh("#room", seq);
  else if (room().dataset.seq < seq) notices().textContent = "Something has happened to this match: reload to see it.";
}

function concerns(event) {
  return event.data.match_id === Number(room().dataset.match) || event.name.startsWith("tournament.");
}

let connection = "";

// The sign is about the feed: of a match that is over there is nothing more to come.
function showState(state = connection) {
  connection = state;
  const sign = document.getElementById("connection");
  sign.dataset.state = state === "live" && room().dataset.over ? "final" : state;
  sign.textContent = { live: "● Live updates", final: "Over", offline: "Offline: reconnecting…" }[sign.dataset.state] ?? "";
}

document.body.addEventListener("htmx:afterSettle", () => showState());

// What was said of something done here is over once the match goes on.
document.body.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.requestConfig.verb === "get") notices().replaceChildren();
});

new Feed({
  tournament: room().dataset.tournament,
  seq: Number(room().dataset.seq),
  onState: showState,
  onEvent: (event) => { if (concerns(event)) drawAgain(event.seq); },
}).connect();
