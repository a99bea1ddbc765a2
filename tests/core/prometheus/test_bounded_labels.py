import pytest
from prometheus_client import CollectorRegistry, Counter

from apps.core.prometheus.bounded_labels import BoundedLabel


class Bench:
    def __init__(self) -> None:
        self.registry, self.now = CollectorRegistry(), 1000.0
        self.signups = Counter("signups", ".", ["tournament_id", "status"], registry=self.registry)
        self.won = Counter("won", ".", ["tournament_id", "game_title"], registry=self.registry)
        self.limit = 2
        self.series = BoundedLabel(
            "tournament_id",
            limit=lambda: self.limit,
            retire_seconds=lambda: 60,
            clock=lambda: self.now,
        )
        self.series.follow(self.signups, {"status": "SUCCESS"}, {"status": "FAILED"})
        self.series.follow(self.won)

    def totals(self) -> dict[tuple[str, ...], float]:
        return {
            tuple(sample.labels.values()): sample.value
            for family in self.registry.collect()
            for sample in family.samples
            if sample.name.endswith("_total")
        }

    def ids(self) -> set[str]:
        return {labels[0] for labels in self.totals()}


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_an_active_value_has_all_its_series_at_zero(bench: Bench) -> None:
    bench.series.track(17, game_title="VALORANT")
    totals = bench.totals()
    assert {("17", "SUCCESS"), ("17", "FAILED"), ("17", "VALORANT")} < totals.keys()
    assert set(totals.values()) == {0}


def test_other_exists_from_the_start(bench: Bench) -> None:
    assert bench.totals() == dict.fromkeys(
        [("other", "SUCCESS"), ("other", "FAILED"), ("other", "other")], 0
    )


def test_values_beyond_the_limit_share_other(bench: Bench) -> None:
    for tournament in (1, 2, 3, 4):
        bench.series.inc(bench.signups, tournament, {"game_title": "VALORANT"}, status="SUCCESS")
    assert bench.ids() == {"1", "2", "other"}
    assert bench.totals()["other", "SUCCESS"] == 2
    assert [bench.series.label(value) for value in (1, 2, 3)] == ["1", "2", "other"]


def test_a_retired_value_keeps_its_series_for_the_retirement_time(bench: Bench) -> None:
    bench.series.inc(bench.won, 17, {"game_title": "VALORANT"})
    bench.series.retire(17)
    bench.now += 59
    bench.series.sweep()
    assert bench.totals()["17", "VALORANT"] == 1
    bench.now += 1
    bench.series.sweep()
    assert bench.ids() == {"other"}


def test_a_removed_value_makes_room_for_another(bench: Bench) -> None:
    for tournament in (1, 2, 3):
        bench.series.track(tournament, game_title="VALORANT")
    bench.series.retire(1)
    bench.now += 60
    bench.series.sweep()
    bench.series.inc(bench.signups, 3, {"game_title": "VALORANT"}, status="SUCCESS")
    assert bench.ids() == {"2", "3", "other"}


def test_retiring_again_does_not_extend_the_time(bench: Bench) -> None:
    bench.series.track(17, game_title="VALORANT")
    for _ in range(3):
        bench.series.retire(17)
        bench.now += 30
    bench.series.sweep()
    assert bench.ids() == {"other"}


def test_sync_tracks_the_active_values_and_retires_the_others(bench: Bench) -> None:
    bench.series.track(1, game_title="VALORANT")
    bench.series.sync({2: {"game_title": "Dota 2"}})
    assert bench.series.known() == [1, 2]
    bench.now += 60
    bench.series.sync({2: {"game_title": "Dota 2"}})
    bench.series.sweep()
    assert bench.series.known() == [2]


def test_counting_an_unknown_value_creates_no_series(bench: Bench) -> None:
    bench.series.inc_known(bench.signups, 99, status="FAILED")
    assert bench.ids() == {"other"}
    assert bench.totals()["other", "FAILED"] == 1
