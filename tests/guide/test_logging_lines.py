"""Each line is one JSON object with any values: not forged, without secrets, bounded."""

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from apps.core.logging import redaction
from apps.core.logging.formatters import MAX_LINE
from tests.guide.logging_tools import line, written

FAKE = '{"timestamp": "2026-01-01T00:00:00.000000Z", "level": "CRITICAL", "message": "forged"}'
FORGERIES = [
    f"name\n{FAKE}",
    f"name\r\n{FAKE}\r\n",
    f'name", "level": "CRITICAL", "x": "{FAKE}',
    "\x1b[2K\x1b[31mred\x1b]0;title\x07",
    "\x00\x08\x0b\x0c\x7f\x85\x9b",
    "\u2028line\u2029paragraph",
    "\u202egnp.exe\u2066",
    "\ud800 half a character",
    "INFO 2026-01-01 00:00:00,000 core forged [id]",
]


class Awkward:
    def __str__(self) -> str:
        raise RuntimeError("no words")


class TestForgery:
    @pytest.mark.parametrize("text", FORGERIES)
    def test_input_of_a_client_stays_inside_its_string(self, text: str) -> None:
        logged = line(lambda log: log.info("hello %s", text, extra={"username": text, text: text}))
        assert logged["level"] == "INFO"
        assert logged["message"].startswith("hello ")

    @pytest.mark.parametrize("text", FORGERIES)
    @pytest.mark.parametrize("kind", ["json", "console"])
    def test_a_message_is_one_line_without_control_characters(self, text: str, kind: str) -> None:
        logged = written(lambda log: log.info(text, extra={"username": text}), kind)
        assert len(logged.splitlines()) == 1
        assert not [char for char in logged[:-1] if ord(char) < 32 or 126 < ord(char) < 160]
        assert not {"\u2028", "\u2029", "\u202e", "\u2066"} & set(logged)

    def test_extra_does_not_overwrite_standard_fields(self) -> None:
        extra = {"timestamp": "never", "level": "DEBUG", "logger": "other", "service": "other"}
        logged = line(lambda log: log.info("x", extra=extra))
        assert (logged["level"], logged["logger"]) == ("INFO", "apps.tournaments.shop")
        assert logged["service"] != "other"

    def test_a_dict_as_the_message_adds_fields_and_keeps_the_level(self) -> None:
        logged = line(lambda log: log.info({"level": "CRITICAL", "coins": 3}))
        assert (logged["level"], logged["coins"]) == ("INFO", 3)


class TestValues:
    @pytest.mark.parametrize(
        ("value", "logged"),
        [
            (float("nan"), "nan"),
            (float("-inf"), "-inf"),
            (10**400, None),
            (b"\xff\x00", "\\xff\x00"),
            (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02T00:00:00+00:00"),
            (Decimal("1.10"), "1.10"),
            (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
            ({"a": {1}}, {"a": [1]}),
            ({(1, 2): None}, {"(1, 2)": None}),
            (Awkward(), "<Awkward: str() raised RuntimeError>"),
            ([True, None, 1.5], [True, None, 1.5]),
        ],
    )
    def test_a_value_of_any_type_is_logged(self, value: Any, logged: Any) -> None:
        result = line(lambda log: log.info("x", extra={"value": value}))["value"]
        assert result == logged or logged is None

    def test_a_value_that_contains_itself_is_bounded(self) -> None:
        circle: dict[str, Any] = {}
        circle["again"] = circle
        assert "again" in line(lambda log: log.info("x", extra={"value": circle}))["value"]

    @pytest.mark.parametrize(
        ("message", "argument", "fault"),
        [("%d coins", "many", "TypeError"), ("%s", Awkward(), "no words")],
    )
    def test_a_message_with_a_wrong_argument_is_not_lost(
        self, message: str, argument: object, fault: str
    ) -> None:
        logged = line(lambda log: log.info(message, argument))
        assert logged["message"] == message
        assert fault in logged["logging_fault"]

    def test_exc_info_without_an_exception_is_left_out(self) -> None:
        assert "exc_info" not in line(lambda log: log.error("x", exc_info=True))


class TestBounds:
    """Docker's log driver splits lines of more than 16 KiB."""

    @pytest.mark.parametrize(
        "say",
        [
            lambda log: log.info("x" * 10_000_000),
            lambda log: log.info("\U0001f3c6" * 1_000_000),
            lambda log: log.info("x", extra={"value": list(range(1_000_000))}),
            lambda log: log.info("x", extra={"value": {str(n): "y" * 999 for n in range(9_999)}}),
            lambda log: log.info("x", extra={f"field{n}": "\x00" * 999 for n in range(999)}),
            lambda log: log.info("x", extra={"k" * 1_000_000: 1}),
            lambda log: log.info("x", extra={"value": [[[[[["deep"] * 99] * 99] * 99] * 99] * 9]}),
        ],
    )
    def test_no_value_makes_a_longer_line(self, say: Callable[[logging.Logger], None]) -> None:
        assert len(written(say)) <= MAX_LINE + 1
        line(say)

    def test_a_long_text_keeps_its_beginning_and_its_end(self) -> None:
        logged = line(lambda log: log.info("begin %s end", "x" * 100_000))["message"]
        assert logged.startswith("begin ")
        assert logged.endswith(" end")
        assert "characters cut" in logged

    def test_a_line_that_was_cut_is_marked_and_keeps_its_traceback(self) -> None:
        extra = {f"field{n}": "y" * 500 for n in range(45)}
        logged = line(lambda log: log.error("x", exc_info=ValueError("why"), extra=extra))
        assert logged["cut"] is True
        assert logged["exc_info"].endswith("ValueError: why")
        assert "cut" not in line(lambda log: log.info("short"))

    def test_deep_lists_and_mappings_are_cut_to_a_few_thousand_values(self) -> None:
        """Four levels of a thousand each would be a trillion texts."""
        value: Any = "x" * 99
        for _ in range(4):
            value = [value] * 1000
        logged = redaction.plain({"value": value})["value"]
        assert logged[0][0][0] == "1000 items"
        assert logged[-1] == "… 950 more"
        assert len(str(logged)) < 100_000

    def test_nested_texts_are_cut_to_their_total_size(self) -> None:
        value = [[["x" * 4000] * 50] * 50] * 50
        assert len(str(redaction.plain({"value": value}))) < 2 * redaction.MAX_VALUE

    def test_below_the_maximum_depth_only_the_size_is_logged(self) -> None:
        logged = redaction.plain({"value": {"a": [[{"b": [1, 2]}]]}})
        assert logged == {"value": {"a": [["1 items"]]}}

    def test_a_stack_trace_keeps_the_exception_at_its_end(self) -> None:
        def fail(log: logging.Logger) -> None:
            try:
                raise ValueError("why " + "y" * 20_000 + " indeed")
            except ValueError:
                log.exception("failed")

        logged = line(fail)["exc_info"]
        assert logged.startswith("Traceback")
        assert logged.endswith(" indeed")


class TestSecrets:
    SECRET = "hunter2-hunter2"

    @pytest.mark.parametrize(
        "text",
        [
            "redis://:{}@redis:6379/0",
            "could not connect to postgres://crown:{}@db:5432/crown",
            "Authorization: Bearer {}",
            "Authorization: Basic {}",
            "bearer {}",
            '{{"password": "{}", "username": "anna"}}',
            "{{'api_key': '{}'}}",
            "password={}&next=/",
            "null value\nDETAIL:  Failing row contains (7, anna, {}).",
            "sessionid={}; csrftoken=x",
            "METRICS_TOKEN={}",
            "client_secret : {}",
        ],
    )
    def test_a_secret_is_hidden_in_messages_and_in_stack_traces(self, text: str) -> None:
        logged = text.format(self.SECRET)

        def fail(log: logging.Logger) -> None:
            try:
                raise ConnectionError(logged)
            except ConnectionError:
                log.exception(logged, extra={"detail": logged, "more": [logged, {"a": logged}]})

        assert self.SECRET not in written(fail)
        assert self.SECRET not in written(fail, "console")

    @pytest.mark.parametrize(
        "name", ["password", "new_password", "api-key", "Authorization", "card_number", "csrftoken"]
    )
    def test_a_field_named_like_a_secret_is_hidden_at_any_depth(self, name: str) -> None:
        nested = {"a": [{name: self.SECRET}]}
        logged = line(lambda log: log.info("x", extra={name: self.SECRET, "value": nested}))
        assert logged[name] == "***"
        assert logged["value"] == {"a": [{name: "***"}]}

    def test_the_row_id_of_a_secret_is_not_hidden(self) -> None:
        logged = line(lambda log: log.info("x", extra={"token_id": 7, "secret_id": self.SECRET}))
        assert (logged["token_id"], logged["secret_id"]) == (7, "***")

    @pytest.mark.parametrize(
        "text",
        ["Tournament created", "GET /api/tournaments/17", "12:30:00 https://crown.example/a?b=c",
         "route=api/tournaments/", "basic authentication is off", "tokens were renewed"],
    )  # fmt: skip
    def test_ordinary_texts_are_unchanged(self, text: str) -> None:
        assert redaction.text(text) == text

    def test_a_cut_leaves_no_half_of_a_secret(self) -> None:
        text = "x" * 2030 + f" password={'s3cret' * 20} " + "y" * 5000
        assert "s3cret" not in line(lambda log: log.info(text))["message"]

    def test_the_search_for_secrets_is_fast_for_any_text(self) -> None:
        for text in ("token" * 9_999, "a-" * 99_999, "://" * 99_999, "password" + " " * 99_999):
            start = time.thread_time()
            redaction.text(text)
            assert time.thread_time() - start < 2
