"""Log lines: one object a line, whatever is in it."""

import io
import json
import logging
import logging.config
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from apps.core import context
from apps.core.logging import config as logging_config
from apps.core.logging.formatters import ContextFilter

Written = Callable[[], str]


@pytest.fixture(params=["json", "console"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def written(kind: str, say: Callable[[logging.Logger], None]) -> str:
    """What a logger configured as ours are writes."""
    definition = logging_config.config(format=kind, levels={}, file="")
    classes: dict[str, Any] = definition["formatters"]
    output = io.StringIO()
    handler = logging.StreamHandler(output)
    handler.setFormatter(classes[kind]["()"]())
    handler.addFilter(ContextFilter())
    logger = logging.Logger("shop", logging.INFO)
    logger.addHandler(handler)
    say(logger)
    return output.getvalue()


def line(say: Callable[[logging.Logger], None]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(written("json", say))
    return found


def test_a_line_says_when_in_utc() -> None:
    told = line(lambda log: log.info("hello"))
    assert told["timestamp"].endswith("Z")
    age = datetime.now().astimezone() - datetime.fromisoformat(told["timestamp"])
    assert timedelta(0) <= age < timedelta(seconds=5)


def test_a_line_says_what_it_was_given_and_what_is_known() -> None:
    with context.bound(request_id="known", user_id=5):
        told = line(lambda log: log.warning("paid %s", 10, extra={"match_id": 3}))
    assert told["message"] == "paid 10"
    assert told["level"] == "WARNING"
    assert told["logger"] == "shop"
    assert (told["request_id"], told["user_id"], told["match_id"]) == ("known", 5, 3)


def test_what_the_caller_gives_wins_over_what_is_known() -> None:
    with context.bound(user_id=5):
        assert line(lambda log: log.info("x", extra={"user_id": 6}))["user_id"] == 6


FORGED = "name\n2026-01-01 ERROR forged\r\n\x1b[31mred\x00\u2028end\u0085"


def test_nothing_in_a_message_makes_a_second_line(kind: str) -> None:
    text = written(kind, lambda log: log.info(FORGED, extra={"note": FORGED}))
    assert len(text.splitlines()) == 1
    assert text.endswith("\n")
    assert "\x1b" not in text
    assert "\x00" not in text


def test_a_traceback_is_one_json_line_too() -> None:
    def fail(log: logging.Logger) -> None:
        try:
            raise ZeroDivisionError("first\nsecond")
        except ZeroDivisionError:
            log.exception("failed")

    text = written("json", fail)
    assert len(text.splitlines()) == 1
    assert "ZeroDivisionError: first\nsecond" in json.loads(text)["exc_info"]


@pytest.mark.parametrize(
    "value", [object(), {1, 2}, b"\xff", float("nan"), datetime.now().astimezone()]
)
def test_a_value_that_json_does_not_know_is_no_fault(value: object) -> None:
    assert "value" in line(lambda log: log.info("x", extra={"value": value}))


def test_the_console_line_is_for_people() -> None:
    with context.bound(request_id="known-id"):
        text = written("console", lambda log: log.info("paid", extra={"match_id": 3}))
    assert text.startswith("INFO ")
    assert " test_logging paid match_id=3 [known-id]" in text


def test_the_console_line_has_no_more_of_a_long_value_than_a_person_reads() -> None:
    heads = [f"tournament:{number}#1={number:064}" for number in range(50)]
    text = written("console", lambda log: log.info("anchored", extra={"heads": heads}))
    assert len(text) < 500
    assert "tournament:0#1" in text
    assert "characters cut" in text


def test_the_files_folder_is_made_and_the_file_holds_json(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "web.log"
    definition = logging_config.config(format="console", levels={}, file=str(target))
    handler = definition["handlers"]["file"]
    assert handler["filename"] == str(target)
    assert handler["maxBytes"] * (handler["backupCount"] + 1) < 100 * 1024 * 1024
    before = logging.root.handlers[:], logging.root.level
    try:
        logging_config.configure(definition)
        logging.getLogger("shop").info("to the file")
    finally:
        for one in logging.root.handlers:
            one.close()
        logging.root.handlers[:], logging.root.level = before
    assert json.loads(target.read_text())["message"] == "to the file"
