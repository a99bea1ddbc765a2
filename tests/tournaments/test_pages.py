"""The front page, and a tournament's page for who looks on."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from apps.matches.formats import FORMATS
from apps.tournaments.models import Tournament
from apps.tournaments.services import (
    tournament_cancel,
)
from apps.tournaments.views import fragments
from apps.tournaments.views.fragments import fragment_cache
from tests.factories import (
    make_live,
    make_tournament,
    make_user,
    play,
    play_all,
)
from tests.tournaments.pages import of, path, text

pytestmark = pytest.mark.django_db


def test_the_front_page_shows_what_is_public_under_its_heading(client: Client) -> None:
    make_tournament(name="A draft", opened=False)
    make_tournament(name="An open one")
    make_live(name="A live one")
    play_all(make_live(name="A finished one"))
    gone = make_tournament(name="A cancelled one")
    tournament_cancel(tournament_id=gone.pk, organizer=gone.organizer)
    found = re.split(r'<section id="\w+"', text(client.get("/")))[1:]
    shown = [re.findall(r'<a href="/tournaments/\d+">([^<]+)</a>', part) for part in found]
    assert shown == [["A live one"], ["An open one"], ["A finished one"]]


def test_a_front_page_without_tournaments_says_so(client: Client) -> None:
    assert "No tournaments are open for registration." in text(client.get("/"))


@pytest.mark.parametrize("game", ["Tekken 8", "no such game", "x" * 10_000, "nul\x00", "'--"])
def test_games_filter_and_an_unknown_one_does_not(client: Client, game: str) -> None:
    make_tournament(name="A shooter")
    make_tournament(name="A fighter", game_title="Tekken 8")
    shown = text(client.get("/", {"game": game}))
    assert "A fighter" in shown
    assert ("A shooter" in shown) == (game != "Tekken 8")


def test_there_is_a_way_to_all_of_them(client: Client) -> None:
    made = [make_tournament(name=f"Number {n:02}") for n in range(30)]
    assert "/tournaments/all/open" in text(client.get("/"))
    first = text(client.get("/tournaments/all/open"))
    rest = text(client.get("/tournaments/all/open", {"before": made[6].pk}))
    assert re.findall(r"Number \d\d", first + rest) == [one.name for one in reversed(made)]
    assert f"?before={made[6].pk}" in first
    assert "?before=" not in rest


@pytest.mark.parametrize("before", ["", "x", "-1", "9" * 40, "٣"])
def test_a_page_of_nothing_usable_is_the_first(client: Client, before: str) -> None:
    make_tournament(name="Here")
    assert "Here" in text(client.get("/tournaments/all/open", {"before": before}))


@pytest.mark.parametrize("where", ["/tournaments/all/drafts", "/tournaments/999", "/matches/999",
                                   f"/tournaments/{10**30}", f"/matches/{10**30}",
                                   "/tournaments/999/parts", "/teams/999", "/pay/999",
                                   "/tournaments/999/desk"])  # fmt: skip
def test_what_is_not_there_is_not_found(where: str) -> None:
    assert of(make_user()).get(where).status_code == 404


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("entrants", [2, 5, 8])
def test_every_format_shows_each_match_once_from_start_to_end(
    client: Client, format: str, entrants: int
) -> None:
    tournament = make_live(entrants, format=format)
    while ready := tournament.matches.filter(status="ready").first():
        play(ready)
        shown = re.findall(r'data-match="(\d+)"', text(client.get(path(tournament))))
        known = tournament.matches.values_list("pk", flat=True)
        assert sorted(map(int, shown)) == sorted(known)
    page = text(client.get(path(tournament)))
    assert 'data-status="completed">Completed' in re.sub(r"\s+", " ", page)
    assert Tournament.objects.get(pk=tournament.pk).champion.username in page  # type: ignore[union-attr]


def test_a_losers_bracket_has_a_place_for_each_that_could_be(client: Client) -> None:
    page = text(client.get(path(make_live(6, format="double_elimination"))))
    losers = page.partition("<h3>Losers bracket</h3>")[2].partition("<h3>Grand final</h3>")[0]
    columns = [part.count('class="cell') for part in losers.split('class="round"')[1:]]
    assert columns == [2, 1, 1]  # nobody meets in the first round


@pytest.mark.parametrize(
    ("plan", "headings"),
    [
        ({"third_place": True}, ["Semifinals", "Final", "Third place"]),
        ({"format": "double_elimination"},
         ["Winners bracket", "Round 1", "Winners final", "Losers bracket", "Round 1",
          "Losers final", "Grand final"]),
    ],
)  # fmt: skip
def test_each_bracket_is_named_once(
    client: Client, plan: dict[str, Any], headings: list[str]
) -> None:
    drawn = text(client.get(path(make_live(4, **plan), "/parts")))
    assert re.findall(r"<h[34]>([^<]+)</h[34]>", drawn) == headings


def test_two_finals_are_named_apart(client: Client) -> None:
    tournament = make_live(2, format="double_elimination")
    while final := tournament.matches.filter(status="ready").first():
        play(final, (0, 2))
    drawn = text(client.get(path(tournament, "/parts")))
    assert re.findall(r"<h[34]>([^<]+)</h[34]>", drawn)[-3:] == [
        "Finals", "Grand final", "Grand final reset"
    ]  # fmt: skip


def test_times_are_in_utc_and_say_so(client: Client) -> None:
    starts_at = datetime(2035, 1, 15, 20, 30, tzinfo=UTC)
    page = text(client.get(path(make_tournament(starts_at=starts_at))))
    shown = '<time datetime="2035-01-15T20:30:00+00:00" data-style="full">15 Jan 2035, 20:30 UTC'
    assert shown in page


def test_parts_are_drawn_once_for_all_who_look_on(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    tournament = make_live(8)
    drawn = text(client.get(path(tournament, "/parts")))
    with django_assert_max_num_queries(2):
        assert text(client.get(path(tournament, "/parts"))) == drawn
    play(tournament.matches.filter(status="ready")[0])
    assert text(client.get(path(tournament, "/parts"))) != drawn


def test_who_asks_while_it_is_drawn_is_given_what_there_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As its page is told, it asks again; meanwhile it holds no thread."""
    tournament = make_live(4)
    before = fragment_cache.get(tournament)
    play(tournament.matches.filter(status="ready")[0])
    seen = []
    draw = fragments._rendered

    def drawn_meanwhile(tournament_id: int) -> fragments.Fragments:
        seen.append(fragment_cache.get(tournament))
        return draw(tournament_id)

    monkeypatch.setattr(fragments, "_rendered", drawn_meanwhile)
    after = fragment_cache.get(tournament)
    assert seen == [before]
    assert after.seq > before.seq


def test_no_more_are_kept_than_there_is_room_for() -> None:
    for _ in range(fragments.MAX_CACHED + 3):
        fragment_cache.get(make_tournament())
    assert len(fragment_cache._cache) == fragments.MAX_CACHED


def test_the_page_and_its_parts_show_the_same(client: Client) -> None:
    tournament = make_live(8)
    parts = text(client.get(path(tournament, "/parts")))
    bracket = re.compile(r'<div class="bracket">.*?</section>\s*</div>', re.DOTALL)
    squeezed = [re.sub(r"\s+", " ", found) for found in bracket.findall(parts)]
    page = re.sub(r"\s+", " ", text(client.get(path(tournament))))
    assert len(squeezed) == 1
    assert squeezed[0] in page
