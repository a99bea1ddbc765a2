"""Matches of players become matches of entrants, and know where their winners play on."""

from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

BEFORE = [("matches", "0001_initial"), ("tournaments", "0001_initial")]
NOW = [("matches", "0004_links_of_matches_played")]


@pytest.fixture
def as_before(transactional_db: None) -> Any:
    def migrate(targets: list[tuple[str, str]]) -> Any:
        executor = MigrationExecutor(connection)
        executor.migrate(targets)
        return executor.loader.project_state(targets).apps

    yield migrate
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def test_a_tournament_under_way_goes_on_after_the_migration(as_before: Any) -> None:
    old = as_before(BEFORE)
    players = [
        old.get_model("accounts", "User").objects.create(username=f"player{n}") for n in range(3)
    ]
    tournament = old.get_model("tournaments", "Tournament").objects.create(
        name="Cup", game_title="VALORANT", capacity=4, currency="EUR", status="live",
        organizer=players[0],
    )  # fmt: skip
    for player in players:
        old.get_model("tournaments", "Registration").objects.create(
            tournament=tournament, player=player, status="confirmed"
        )
    match = old.get_model("matches", "Match").objects
    semi_final = match.create(
        tournament=tournament, round=1, position=1, player_a=players[1], player_b=players[2],
        status="completed", winner=players[2], score_a=1, score_b=2,
    )  # fmt: skip
    final = match.create(
        tournament=tournament, round=2, position=0, player_a=players[0], player_b=players[2],
        status="ready",
    )  # fmt: skip

    new = as_before(NOW)
    match = new.get_model("matches", "Match").objects
    played, to_play = match.get(pk=semi_final.pk), match.get(pk=final.pk)
    assert (played.winner_to_id, played.winner_slot) == (final.pk, 1)
    assert (played.stage, played.outcome, played.winner.player_id) == (
        "winners", "played", players[2].pk,
    )  # fmt: skip
    assert (to_play.winner_to_id, to_play.winner_slot) == (None, None)
    assert [to_play.entrant_a.seed, to_play.entrant_b.seed] == [1, 3]
