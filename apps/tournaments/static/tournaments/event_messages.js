// One line for each kind of event. An unknown kind has no line, and that is fine.

const score = (data) => (data.score ?? []).join("–");
const won = (data) => [...(data.score ?? [])].sort((a, b) => b - a).join("–");
const side = (data) => (data.entrant ?? data.player ?? {}).name ?? data.player?.username ?? "Somebody";
const winner = (data) => data.winner_entrant?.name ?? data.winner.username;
// Records from before reports named both sides have the one that reported.
const pair = (data) => (data.entrants ?? [data.entrant]).map((one) => one.name).join(" against ");
const drawn = ({ stage, round, matches }) => (
  stage === "final" ? "A second final decides" : `Round ${round} is drawn: ${matches} ${matches === 1 ? "match" : "matches"}`
);
const HOW = { forfeit: "by forfeit", no_show: "as nobody came", decided: "by decision" };

const STORIES = {
  "tournament.created": () => "The tournament was announced",
  "tournament.edited": () => "Rules or schedule have changed",
  "tournament.opened": () => "Registration is open",
  "tournament.check_in_opened": () => "Check-in is open",
  "tournament.reminded": () => "It begins soon",
  "tournament.seeded": () => "The seeds are set",
  "tournament.started": (data) => `It begins: ${data.entrants} entrants, ${data.rounds} ${data.rounds === 1 ? "round" : "rounds"}`,
  "tournament.completed": (data) => `♛ ${data.entrant?.name ?? data.champion.username} wears the crown`,
  "tournament.cancelled": () => "The tournament was cancelled",
  "registration.created": (data) => `${side(data)} signed up`,
  "registration.confirmed": (data) => `${side(data)} is in`,
  "registration.checked_in": (data) => `${side(data)} has checked in`,
  "registration.stands_by": (data) => `${side(data)} stands by for a seat`,
  "registration.promoted": (data) => `${side(data)} comes up from the waiting list`,
  "registration.left": (data) => `${side(data)} is out`,
  "round.drawn": drawn,
  "match.ready": (data) => data.entrants.map((one) => one.name).join(" meets "),
  "match.reminded": (data) => `${data.players.map((one) => one.username).join(" and ")} play soon`,
  "match.reported": (data) => `A result is in: ${pair(data)}, ${score(data)}, to be confirmed`,
  "match.disputed": (data) => `${side(data)} disputes a result: the organizer decides`,
  "match.completed": (data) => `${winner(data)} wins ${HOW[data.outcome] ?? won(data)}`,
  "match.corrected": (data) => `A result is put right: ${pair(data)}, ${winner(data)} wins ${won(data)}`,
  "prize.paid": (data) => `${data.player.username} receives ${data.coins.toLocaleString("en")} DeltaCoin`,
};

export function story(event) {
  return STORIES[event.name]?.(event.data);
}
