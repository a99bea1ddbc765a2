import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from apps.matches.formats import FORMATS
from apps.tournaments.models import Tournament
from apps.tournaments.services import tournament_cancel
from apps.tournaments.views import fragments
from apps.tournaments.views.fragments import fragment_cache
from tests.factories import make_live, make_tournament, make_user, play, play_all, signed_in
from tests.tournaments.pages import path, text
from tests.tournaments.steps import by_organizer

pytestmark = pytest.mark.django_db


def first_ready(tournament: Tournament) -> Any:
    return tournament.matches.filter(status="ready").first()


def test_the_home_page_groups_public_tournaments(client: Client) -> None:
    assert "No tournaments are open for registration." in text(client.get("/"))
    make_tournament(name="Draft", opened=False)
    make_tournament(name="Open")
    make_live(name="Live")
    play_all(make_live(name="Finished"))
    by_organizer(tournament_cancel, make_tournament(name="Canceled"))
    sections = re.split(r'<section id="\w+"', text(client.get("/")))[1:]
    names = [re.findall(r'<a href="/tournaments/\d+">([^<]+)</a>', part) for part in sections]
    assert names == [["Live"], ["Open"], ["Finished"]]


@pytest.mark.parametrize("game", ["Tekken 8", "no such game", "x" * 10_000, "nul\x00", "'--"])
def test_the_game_filter_ignores_unknown_games(client: Client, game: str) -> None:
    make_tournament(name="A shooter")
    make_tournament(name="A fighter", game_title="Tekken 8")
    page = text(client.get("/", {"game": game}))
    assert "A fighter" in page
    assert ("A shooter" in page) == (game != "Tekken 8")


@pytest.mark.parametrize(
    ("view", "front", "url"),
    [("home", "/", "/tournaments/all/open"), ("me", "/me", "/me/all/organized")],
)
def test_a_page_with_a_long_list_leads_to_pages_of_it(
    monkeypatch: pytest.MonkeyPatch, view: str, front: str, url: str
) -> None:
    monkeypatch.setattr(f"apps.tournaments.views.{view}.SHOWN_PER_PAGE", 8)
    organizer = make_user()
    tournaments = [make_tournament(organizer, name=f"Number {n:02}") for n in range(11)]
    client = signed_in(organizer)
    assert url in text(client.get(front))
    first = text(client.get(url))
    assert f"?before={tournaments[3].pk}" in first
    second = text(client.get(url, {"before": tournaments[3].pk}))
    assert "?before=" not in second
    names = [tournament.name for tournament in reversed(tournaments)]
    assert re.findall(r">(Number \d\d)</a>", first + second) == names


@pytest.mark.parametrize("before", ["", "x", "-1", "9" * 40, "٣"])
def test_an_invalid_page_number_shows_the_first_page(client: Client, before: str) -> None:
    make_tournament(name="Listed")
    assert "Listed" in text(client.get("/tournaments/all/open", {"before": before}))


@pytest.mark.parametrize("url", ["/tournaments/all/drafts", "/tournaments/999", "/matches/999",
                                 f"/tournaments/{10**30}", f"/matches/{10**30}",
                                 "/tournaments/999/parts", "/teams/999", "/pay/999",
                                 "/tournaments/999/desk", "/sandbox/unknown"])  # fmt: skip
def test_an_unknown_id_is_not_found(url: str) -> None:
    assert signed_in(make_user()).get(url).status_code == 404


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("entrants", [2, 5])
def test_every_format_shows_each_match_once(client: Client, format: str, entrants: int) -> None:
    tournament = make_live(entrants, format=format)
    while ready := first_ready(tournament):
        play(ready)
        shown = re.findall(r'data-match="(\d+)"', fragment_cache.get(tournament).draw)
        assert sorted(map(int, shown)) == sorted(tournament.matches.values_list("pk", flat=True))
    page = text(client.get(path(tournament)))
    assert 'data-status="completed">Completed' in page
    assert Tournament.objects.get(pk=tournament.pk).champion.username in page  # type: ignore[union-attr]


def test_a_losers_bracket_has_a_position_for_every_possible_match(client: Client) -> None:
    page = text(client.get(path(make_live(6, format="double_elimination"))))
    losers = page.partition("<h3>Losers bracket</h3>")[2].partition("<h3>Grand final</h3>")[0]
    columns = [part.count('class="cell') for part in losers.split('class="round"')[1:]]
    assert columns == [2, 1, 1]  # the first round has only byes


def bracket_titles(client: Client, tournament: Tournament) -> list[str]:
    return re.findall(r"<h[34]>([^<]+)</h[34]>", text(client.get(path(tournament, "/parts"))))


@pytest.mark.parametrize(
    ("plan", "titles"),
    [
        ({"third_place": True}, ["Semifinals", "Final", "Third place"]),
        ({"format": "double_elimination"},
         ["Winners bracket", "Round 1", "Winners final", "Losers bracket", "Round 1",
          "Losers final", "Grand final"]),
    ],
)  # fmt: skip
def test_brackets_have_one_title(client: Client, plan: dict[str, Any], titles: list[str]) -> None:
    assert bracket_titles(client, make_live(4, **plan)) == titles


def test_a_second_grand_final_has_its_own_title(client: Client) -> None:
    tournament = make_live(2, format="double_elimination")
    while final := first_ready(tournament):
        play(final, (0, 2))
    titles = bracket_titles(client, tournament)
    assert titles[-3:] == ["Finals", "Grand final", "Grand final reset"]


def test_times_are_shown_with_utc(client: Client) -> None:
    starts_at = datetime(2035, 1, 15, 20, 30, tzinfo=UTC)
    page = text(client.get(path(make_tournament(starts_at=starts_at))))
    time = '<time datetime="2035-01-15T20:30:00+00:00" data-style="full">15 Jan 2035, 20:30 UTC'
    assert time in page


def test_fragments_are_rendered_once_per_event(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    tournament = make_live(8)
    rendered = text(client.get(path(tournament, "/parts")))
    with django_assert_max_num_queries(2):
        assert text(client.get(path(tournament, "/parts"))) == rendered
    play(first_ready(tournament))
    assert text(client.get(path(tournament, "/parts"))) != rendered


def test_a_request_during_rendering_gets_old_fragments(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that it does not block a thread: the page requests the fragments again."""
    tournament = make_live(4)
    before = fragment_cache.get(tournament)
    play(first_ready(tournament))
    meanwhile = []
    render = fragments._rendered

    def render_with_request(tournament_id: int) -> fragments.Fragments:
        meanwhile.append(fragment_cache.get(tournament))
        return render(tournament_id)

    monkeypatch.setattr(fragments, "_rendered", render_with_request)
    after = fragment_cache.get(tournament)
    assert meanwhile == [before]
    assert after.seq > before.seq


def test_the_fragment_cache_is_bounded() -> None:
    for _ in range(fragments.MAX_CACHED + 1):
        fragment_cache.get(make_tournament())
    assert len(fragment_cache._cache) == fragments.MAX_CACHED


def test_the_page_and_its_fragments_are_equal(client: Client) -> None:
    tournament = make_live(8)
    bracket = re.compile(r'<div class="bracket">.*?</section> ?</div>')
    [fragment] = bracket.findall(text(client.get(path(tournament, "/parts"))))
    assert fragment in text(client.get(path(tournament)))
