"""Places panels: every line fills all columns, and each row starts below the previous one."""

from collections.abc import Iterator, Sequence
from itertools import count, groupby, pairwise, product

from grafana.shapes import Json, Row

COLUMNS = 24
PER_LINE = {"stat": 6, "table": 1, "logs": 1}  # panels of a kind in one line, at most
OTHERS_PER_LINE = 3


def arranged(panels: Sequence[Json], rows: Sequence[Row]) -> list[Json]:
    """Grafana keeps the panels of a collapsed row inside the row."""
    result = in_lines(panels, top=0)
    for row in rows:
        top = bottom(result)
        header = {
            "type": "row",
            "title": row.title,
            "collapsed": row.collapsed,
            "gridPos": {"x": 0, "y": top, "w": COLUMNS, "h": 1},
        }
        inner = in_lines(row.panels, top + 1)
        if row.collapsed:
            result.append(header | {"panels": inner})
        else:
            result += [header | {"panels": []}, *inner]
    return numbered(result)


def in_lines(panels: Sequence[Json], top: int) -> list[Json]:
    """A panel gets the first free place from the top left. One with a width keeps it."""
    taken: set[tuple[int, int]] = set()
    placed = []
    for panel, width in zip(panels, widths(panels), strict=True):
        size = {"w": width} | panel["gridPos"]
        for x, y in places(COLUMNS - size["w"], top):
            cells = set(product(range(x, x + size["w"]), range(y, y + size["h"])))
            if not taken & cells:
                break
        taken |= cells
        placed.append(panel | {"gridPos": {"x": x, "y": y, **size}})
    return placed


def places(right: int, top: int) -> Iterator[tuple[int, int]]:
    for y in count(top):
        for x in range(right + 1):
            yield x, y


def widths(panels: Sequence[Json]) -> Iterator[int]:
    """Panels of a kind share as few lines as possible."""
    for most, group in groupby(panels, lambda panel: PER_LINE.get(panel["type"], OTHERS_PER_LINE)):
        number = len(list(group))
        lines = -(-number // most)
        for in_line in shares(number, lines):
            yield from shares(COLUMNS, in_line)


def shares(total: int, parts: int) -> list[int]:
    """Whole numbers with this total: 24 in 5 parts are 4, 5, 5, 5 and 5."""
    ends = [total * part // parts for part in range(parts + 1)]
    return [end - start for start, end in pairwise(ends)]


def bottom(panels: Sequence[Json]) -> int:
    return max(int(panel["gridPos"]["y"] + panel["gridPos"]["h"]) for panel in panels)


def numbered(panels: list[Json]) -> list[Json]:
    for number, panel in enumerate(with_collapsed(panels), start=1):
        panel["id"] = number
    return panels


def with_collapsed(panels: Sequence[Json]) -> Iterator[Json]:
    """Rows and panels, including those in collapsed rows."""
    for panel in panels:
        yield from (panel, *panel.get("panels", []))
