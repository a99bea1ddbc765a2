"""The demo's output on the terminal."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column, Table

from demo.metrics import Increase

console = Console(highlight=False)


def print_failure(reason: object) -> None:
    console.print(f"[bold red]Failed:[/] {escape(str(reason))}", soft_wrap=True)


@contextmanager
def progress() -> Iterator[Progress]:
    columns = (
        TextColumn("{task.description:<25}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as bar:
        yield bar


def print_increases(rows: list[tuple[Increase, float]]) -> None:
    table = Table(
        Column("series", overflow="fold"),
        Column("expected", justify="right"),
        Column("actual", justify="right"),
        "",
        title="Increase of the server's metrics during the demo",
    )
    for increase, actual in rows:
        mark = "[green]✓[/]" if increase.matches(actual) else "[bold red]✗[/]"
        prefix = "≥ " if increase.at_least else ""
        table.add_row(escape(str(increase)), f"{prefix}{increase.expected:g}", f"{actual:g}", mark)
    console.print(table)
