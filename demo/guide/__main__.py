"""See the package. The exit status is 1 if a result differs from the guide."""

import sys
from collections import Counter

import httpx
from rich.markup import escape
from rich.table import Table

from demo.api import DemoError, base_url_from_environment, not_running
from demo.guide.commands import Outcome
from demo.guide.prometheus import prometheus
from demo.guide.queries import querying
from demo.guide.runner import SnippetRunner
from demo.guide.snippets import Snippet, snippets
from demo.terminal import console, print_failure

MATCHED, NOT_COMPARED, FAILED = "[green]✓[/]", "○", "[bold red]✗[/]"
MAX_MESSAGE = 300


def main() -> int:
    try:
        base_url = base_url_from_environment()
        _require_server(base_url)
        with prometheus(base_url) as url:
            return run(SnippetRunner(base_url, querying(url)))
    except (DemoError, httpx.HTTPError) as error:
        print_failure(error)
        return 1
    except KeyboardInterrupt:
        return 130


def run(runner: SnippetRunner) -> int:
    table = Table("snippet", "", "result", expand=False)
    counts: Counter[str] = Counter()
    for snippet in snippets():
        mark, message = _run_snippet(runner, snippet)
        counts[mark] += 1
        table.add_row(escape(str(snippet)), mark, escape(message[:MAX_MESSAGE]))
    console.print(table)
    console.print(
        f"{counts.total()} snippets: {counts[MATCHED]} match the guide (✓),"
        f" {counts[NOT_COMPARED]} are only compiled or shown (○), {counts[FAILED]} fail (✗).",
        soft_wrap=True,
    )
    return 1 if counts[FAILED] else 0


def _run_snippet(runner: SnippetRunner, snippet: Snippet) -> tuple[str, str]:
    try:
        outcome: Outcome = runner.run(snippet)
    except (DemoError, httpx.HTTPError, ValueError, KeyError) as error:
        return FAILED, str(error)
    return MATCHED if outcome.compared else NOT_COMPARED, outcome.message


def _require_server(base_url: str) -> None:
    try:
        httpx.get(f"{base_url}/healthz", timeout=5).raise_for_status()
    except httpx.HTTPError as error:
        raise DemoError(f"{not_running(base_url)} ({error})") from None


if __name__ == "__main__":
    sys.exit(main())
