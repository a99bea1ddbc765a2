"""What the person at the terminal sees."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column, Table

from demo.figures import Figure

console = Console(highlight=False)


def say(text: str) -> None:
    console.print(text)


@contextmanager
def progress() -> Iterator[Progress]:
    columns = (
        TextColumn("{task.description:<34}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as bar:
        yield bar


def show_figures(rows: list[tuple[Figure, float]]) -> None:
    table = Table(
        Column("metric", overflow="fold"),
        "did",
        "counted",
        "",
        title="What the demo did, and what /metrics/ counted",
    )
    for figure, actual in rows:
        mark = "[green]✓[/]" if figure.holds(actual) else "[bold red]✗[/]"
        prefix = "≥ " if figure.at_least else ""
        table.add_row(
            str(figure).replace("[", r"\["), f"{prefix}{figure.expected:g}", f"{actual:g}", mark
        )
    console.print(table)
