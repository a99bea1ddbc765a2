"""Variables of several dashboards."""

from grafana.dashboard import variable

TOURNAMENT = variable(
    "tournament", "Tournament", "label_values(tournament_registrations_total, tournament_id)"
)
GAME = variable("game", "Game", "label_values(matches_completed_total, game_title)")
