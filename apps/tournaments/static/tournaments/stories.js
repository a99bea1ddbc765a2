// One line for each kind of event. An unknown kind has no line, and that is fine.

const score = (data) => (data.score ?? []).join("–");

const STORIES = {
  "tournament.created": () => "The tournament was announced",
  "tournament.opened": () => "Registration is open",
  "registration.created": (data) => `${data.player.username} signed up`,
  "registration.confirmed": (data) => `${data.player.username} is in`,
  "tournament.started": (data) => `It begins: ${data.entrants} players, ${data.rounds} rounds`,
  "match.ready": (data) => `${data.players[0].username} meets ${data.players[1].username}`,
  "match.reported": (data) => `A result is in: ${score(data)}, to be confirmed`,
  "match.completed": (data) => `${data.winner.username} wins ${score(data)}`,
  "tournament.completed": (data) => `♛ ${data.champion.username} wears the crown`,
  "prize.paid": (data) => `${data.player.username} receives ${data.coins} DeltaCoin`,
  "tournament.cancelled": () => "The tournament was cancelled",
};

export function story(event) {
  return STORIES[event.name]?.(event.data);
}
