// The match room. The server renders it again after each event of its match, unless the user is
// filling in a form: then a notice appears instead.

import { refresh } from "../web/refresh.js";
import { CONNECTION, Feed } from "./feed.js";

const room = () => document.getElementById("room");
const notices = () => document.getElementById("notices");

function isEditing() {
  const fields = room().querySelectorAll("input:not([type=hidden]), textarea");
  return [...fields].some((field) => field === document.activeElement || field.value !== field.defaultValue);
}

function update(seq) {
  if (!isEditing()) refresh("#room", seq);
  else if (room().dataset.seq < seq) notices().textContent = "This match was updated. Reload to see the changes.";
}

function concernsMatch(event) {
  return event.data.match_id === Number(room().dataset.match) || event.name.startsWith("tournament.");
}

let connection = "";

// A completed match has no more updates.
function showConnection(state = connection) {
  connection = state;
  const sign = document.getElementById("connection");
  sign.dataset.state = state === "live" && room().dataset.over ? "final" : state;
  sign.textContent = CONNECTION[sign.dataset.state] ?? "";
}

document.body.addEventListener("htmx:afterSettle", () => showConnection());

// A message about the user's action is outdated once a later event has changed the match.
document.body.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.requestConfig.verb === "get") notices().replaceChildren();
});

new Feed({
  tournament: room().dataset.tournament,
  seq: Number(room().dataset.seq),
  onState: showConnection,
  onEvent: (event) => { if (concernsMatch(event)) update(event.seq); },
}).connect();
