"""docs/dashboards.md shows every dashboard, and its ways from the Overview to a cause exist."""

import re

import pytest

from drills.catalogue import BY_NAME
from grafana.thresholds import alerts
from tests.boards import FOLDER, Json, boards

DOCS = FOLDER.parent.parent / "docs"
PAGE = (DOCS / "dashboards.md").read_text()
BY_TITLE = {board["title"].rpartition(" / ")[2]: board for board in boards()}
WAYS = re.findall(r"^\| `([\w-]+)` \| (.+?) \| (.+?) \|(?: (.+?))? \|$", PAGE, re.MULTILINE)
DASHBOARD_OF = {alert["alert"]: alert["annotations"]["dashboard_url"] for alert in alerts()}
MAX_BYTES = 150_000


def test_the_page_shows_every_dashboard() -> None:
    headings = re.findall(r"^### (.+)", PAGE, re.MULTILINE)
    assert headings == re.findall(r"^- \[(.+?)\]\(#", PAGE, re.MULTILINE)
    assert set(headings) == BY_TITLE.keys()
    pictures = re.findall(r"^!\[.+\]\((.+)\)", PAGE, re.MULTILINE)
    assert len(pictures) == len(headings)
    assert all((DOCS / picture).stat().st_size < MAX_BYTES for picture in pictures)


def test_the_page_has_every_drill() -> None:
    assert [drill for drill, *_ in WAYS] == list(BY_NAME)


@pytest.mark.parametrize(("drill", "start", "first", "second"), WAYS)
def test_two_clicks_lead_from_the_overview_to_the_cause(
    drill: str, start: str, first: str, second: str
) -> None:
    board, panel = first.split(": ")
    if start in BY_NAME[drill].alerts:
        assert DASHBOARD_OF[start].endswith(f"/d/{BY_TITLE[board]['uid']}")
    else:
        assert leads("Overview", start, board)
    assert shown(board, panel)
    if second:
        target, cause = second.split(": ")
        assert leads(board, panel, target)
        assert shown(target, cause)


def shown(board: str, title: str) -> list[Json]:
    """The panels that no collapsed row hides."""
    return [panel for panel in BY_TITLE[board]["panels"] if panel["title"] == title]


def leads(board: str, title: str, target: str) -> bool:
    links = [link["url"] for panel in shown(board, title) for link in panel["links"]]
    return any(f"/d/{BY_TITLE[target]['uid']}?" in link for link in links)
