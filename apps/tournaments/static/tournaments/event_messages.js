// One message per event name. Unknown events show their name.

const score = (data) => (data.score ?? []).join("–");
const winningScore = (data) => [...(data.score ?? [])].sort((a, b) => b - a).join("–");
const side = (data) => (data.entrant ?? data.player ?? {}).name ?? data.player?.username ?? "An entrant";
const winner = (data) => data.winner_entrant?.name ?? data.winner.username;
const pair = (data) => (data.entrants ?? [data.entrant]).map((entrant) => entrant.name).join(" vs ");
const loser = (data) => data.entrants.find((entrant) => entrant.name !== winner(data))?.name ?? "their opponent";
const LEFT = { withdrawn: "withdrew", refunded: "was refunded", expired: "did not pay in time", no_show: "did not show up" };
const leaving = (data) => `${side(data)} ${LEFT[data.status] ?? "left"}`;
const drawn = ({ stage, round, matches }) => (
  stage === "final" ? "Grand final reset" : `Round ${round} pairings are out: ${matches} ${matches === 1 ? "match" : "matches"}`
);
const HOW = { forfeit: "won by forfeit", no_show: "won by no-show", decided: "won by organizer decision" };

const MESSAGES = {
  "tournament.created": () => "Tournament created",
  "tournament.edited": () => "Rules or schedule updated",
  "tournament.opened": () => "Registration is open",
  "tournament.check_in_opened": () => "Check-in is open",
  "tournament.reminded": () => "Starting soon",
  "tournament.seeded": () => "Seeding set",
  "tournament.started": (data) => `Tournament started: ${data.entrants} entrants, ${data.rounds} ${data.rounds === 1 ? "round" : "rounds"}`,
  "tournament.completed": (data) => `♛ Champion: ${data.entrant?.name ?? data.champion.username}`,
  "tournament.cancelled": () => "Tournament canceled",
  "registration.created": (data) => `${side(data)} registered`,
  "registration.confirmed": (data) => `${side(data)} is confirmed`,
  "registration.checked_in": (data) => `${side(data)} checked in`,
  "registration.stands_by": (data) => `${side(data)} is on standby`,
  "registration.promoted": (data) => `${side(data)} got a spot from the waiting list`,
  "registration.left": (data) => leaving(data),
  "round.drawn": drawn,
  "match.ready": (data) => `${pair(data)} is ready`,
  "match.reminded": (data) => `${data.players.map((player) => player.username).join(" vs ")} starts soon`,
  "match.reported": (data) => `${pair(data)}: ${score(data)} reported, awaiting confirmation`,
  "match.disputed": (data) => `${side(data)} disputed the result`,
  "match.completed": (data) => `${winner(data)} ${HOW[data.outcome] ?? `beat ${loser(data)} ${winningScore(data)}`}`,
  "match.corrected": (data) => `Result corrected: ${winner(data)} beat ${loser(data)} ${winningScore(data)}`,
  "prize.paid": (data) => `${data.player.username} won ${data.coins.toLocaleString("en")} DeltaCoin`,
};

export function messageOf(event) {
  return MESSAGES[event.name]?.(event.data);
}
