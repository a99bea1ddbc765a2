"""One JSON object a line, whatever is in it: nothing forged, nothing secret, nothing endless."""

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from apps.core.logging import redaction
from apps.core.logging.formatters import MAX_LINE
from tests.guide.logging_tools import line, run_python, written

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
    def test_what_a_client_sends_stays_inside_its_string(self, text: str) -> None:
        told = line(lambda log: log.info("hello %s", text, extra={"username": text, text: text}))
        assert told["level"] == "INFO"
        assert told["message"].startswith("hello ")

    @pytest.mark.parametrize("text", FORGERIES)
    @pytest.mark.parametrize("kind", ["json", "console"])
    def test_it_is_one_line_without_control_characters(self, text: str, kind: str) -> None:
        told = written(lambda log: log.info(text, extra={"username": text}), kind)
        assert len(told.splitlines()) == 1
        assert not [one for one in told[:-1] if ord(one) < 32 or 126 < ord(one) < 160]
        assert not {"\u2028", "\u2029", "\u202e", "\u2066"} & set(told)

    def test_what_is_ours_is_not_overwritten_by_an_extra(self) -> None:
        ours = {"timestamp": "never", "level": "DEBUG", "logger": "other", "service": "other"}
        told = line(lambda log: log.info("x", extra=ours))
        assert (told["level"], told["logger"]) == ("INFO", "apps.tournaments.shop")
        assert told["service"] != "other"

    def test_a_dict_as_the_message_is_fields_and_no_other_level(self) -> None:
        told = line(lambda log: log.info({"level": "CRITICAL", "coins": 3}))
        assert (told["level"], told["coins"]) == ("INFO", 3)


class TestValues:
    @pytest.mark.parametrize(
        ("value", "told"),
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
            (Awkward(), "<Awkward: RuntimeError when told>"),
            ([True, None, 1.5], [True, None, 1.5]),
        ],
    )
    def test_what_json_does_not_know_is_told_all_the_same(self, value: Any, told: Any) -> None:
        found = line(lambda log: log.info("x", extra={"value": value}))["value"]
        assert found == told or told is None

    def test_what_contains_itself_has_an_end(self) -> None:
        circle: dict[str, Any] = {}
        circle["again"] = circle
        assert "again" in line(lambda log: log.info("x", extra={"value": circle}))["value"]

    def test_a_message_that_does_not_fit_its_arguments_is_not_lost(self) -> None:
        told = line(lambda log: log.info("%d coins", "many"))
        assert told["message"] == "%d coins"
        assert "TypeError" in told["logging_fault"]

    def test_an_argument_that_cannot_be_told_does_not_lose_the_line(self) -> None:
        assert "no words" in line(lambda log: log.info("%s", Awkward()))["logging_fault"]

    def test_exc_info_where_nothing_was_raised_tells_no_none_type(self) -> None:
        assert "exc_info" not in line(lambda log: log.error("x", exc_info=True))


class TestBounds:
    """A line fits into 16 KiB: what Docker's log driver takes in one piece."""

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
    def test_nothing_makes_a_longer_one(self, say: Callable[[logging.Logger], None]) -> None:
        assert len(written(say)) <= MAX_LINE + 1
        line(say)

    def test_a_long_text_keeps_its_beginning_and_its_end_and_says_what_is_gone(self) -> None:
        told = line(lambda log: log.info("begin %s end", "x" * 100_000))["message"]
        assert told.startswith("begin ")
        assert told.endswith(" end")
        assert "characters cut" in told

    def test_a_line_that_was_cut_to_fit_is_marked(self) -> None:
        extra = {f"field{n}": "y" * 4000 for n in range(20)}
        told = line(lambda log: log.info("x", extra=extra))
        assert told["cut"] is True
        assert "cut" not in line(lambda log: log.info("short"))

    def test_lists_in_lists_are_told_as_far_as_there_is_room(self) -> None:
        """Four of a thousand each would be 6,250,000 texts, and a minute."""
        told = redaction.named([("value", [[[["x" * 99] * 1000] * 1000] * 1000] * 1000)])["value"]
        assert told[0][0][0][:1] == ["x" * 99]
        assert told[0][0][0][-1] == "… 950 more"
        assert len(str(told)) < 2 * redaction.MAX_TOLD

    @pytest.mark.parametrize("leaf", [None, 2**62, 10**4000, "", []])
    def test_names_numbers_and_what_is_empty_take_room_too(self, leaf: Any) -> None:
        found = leaf
        for level in "abc":
            found = {f"{level}{number:_>99}": found for number in range(50)}
        assert len(json.dumps(redaction.named([("value", found)]))) < 2 * redaction.MAX_TOLD

    def test_of_what_is_too_deep_only_how_many_there_are_is_told(self) -> None:
        told = redaction.named([("value", {"a": [[{"b": [1, 2]}]]})])
        assert told == {"value": {"a": [[{"b": ["… 2 more"]}]]}}

    def test_a_stack_trace_keeps_the_exception_at_its_end(self) -> None:
        def fail(log: logging.Logger) -> None:
            try:
                raise ValueError("why " + "y" * 20_000 + " indeed")
            except ValueError:
                log.exception("failed")

        told = line(fail)["exc_info"]
        assert told.startswith("Traceback")
        assert told.endswith(" indeed")


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
        told = text.format(self.SECRET)

        def fail(log: logging.Logger) -> None:
            try:
                raise ConnectionError(told)
            except ConnectionError:
                log.exception(told, extra={"detail": told, "more": [told, {"a": told}]})

        assert self.SECRET not in written(fail)
        assert self.SECRET not in written(fail, "console")

    @pytest.mark.parametrize(
        "name", ["password", "new_password", "api-key", "Authorization", "card_number", "csrftoken"]
    )
    def test_a_field_of_a_secrets_name_is_hidden_at_any_depth(self, name: str) -> None:
        nested = {"a": [{name: self.SECRET}]}
        told = line(lambda log: log.info("x", extra={name: self.SECRET, "value": nested}))
        assert told[name] == "***"
        assert told["value"] == {"a": [{name: "***"}]}

    def test_the_number_of_a_secrets_row_is_none(self) -> None:
        told = line(lambda log: log.info("x", extra={"token_id": 7, "secret_id": self.SECRET}))
        assert (told["token_id"], told["secret_id"]) == (7, "***")

    def test_this_processs_own_secrets_are_hidden_wherever_they_turn_up(self) -> None:
        script = (
            "import logging; from django.conf import settings\n"
            "logging.getLogger('apps.shop').error('it was ' + settings.SECRET_KEY + '!')"
        )
        told = json.loads(run_python(script).stdout)
        assert told["message"] == "it was ***!"

    @pytest.mark.parametrize(
        "text",
        ["Tournament created", "GET /api/tournaments/17", "12:30:00 https://crown.example/a?b=c",
         "route=api/tournaments/", "basic authentication is off", "tokens were renewed"],
    )  # fmt: skip
    def test_and_nothing_else_is(self, text: str) -> None:
        assert redaction.text(text) == text

    def test_half_a_secret_does_not_survive_a_cut(self) -> None:
        text = "x" * 2030 + f" password={'s3cret' * 20} " + "y" * 5000
        assert "s3cret" not in line(lambda log: log.info(text))["message"]

    def test_searching_for_secrets_takes_no_time_whatever_the_text(self) -> None:
        import time

        for text in ("token" * 9_999, "a-" * 99_999, "://" * 99_999, "password" + " " * 99_999):
            began = time.thread_time()
            redaction.text(text)
            assert time.thread_time() - began < 2
