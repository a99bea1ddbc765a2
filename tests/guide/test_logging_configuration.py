"""The guide's "Logging Configuration": "Development Logging" and "Production Logging"."""

import logging
import re
import sys
from pathlib import Path

import pytest

from apps.core import context
from apps.core.logging import config as logging_config
from apps.core.logging.formatters import Json
from tests.guide.claims import guide
from tests.guide.logging_tools import GUIDE, line, lines_of, parsed, run, run_python, written

CHAPTER = "Logging Configuration"
GUIDES_FORMAT = "{levelname} {asctime} {module} {message}"


def test_the_guide_is_the_one_that_is_meant() -> None:
    assert "## Logging Configuration" in GUIDE
    assert f"'format': '{GUIDES_FORMAT}'" in GUIDE
    assert "# Requires: python-json-logger" in GUIDE


class TestDevelopmentLogging:
    @guide(CHAPTER, "LOGGING = {")
    def test_console_output_is_human_readable_and_has_the_guides_format(self) -> None:
        told = written(lambda log: log.info("Tournament created"), "console")
        assert re.fullmatch(
            r"INFO \d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} test_logging_configuration "
            r"Tournament created \[-\]\n",
            told,
        )

    def test_it_is_what_debug_gives_without_any_other_setting(self) -> None:
        script = "import logging; logging.getLogger('apps.shop').info('ready')"
        told = run_python(script, DEBUG="1")
        assert re.fullmatch(r"INFO [\d-]+ [\d:,]+ <string> ready \[-\]\n", told.stdout)

    def test_existing_loggers_are_not_disabled(self) -> None:
        assert (
            logging_config.config(format="console", levels={}, file="")["disable_existing_loggers"]
            is False
        )

    def test_the_root_logger_is_at_info(self) -> None:
        assert (
            logging_config.config(format="console", levels={}, file="")["root"]["level"] == "INFO"
        )

    def test_what_was_passed_as_extra_is_read_too(self) -> None:
        with context.bound(request_id="known-id", tournament_id=17):
            told = written(lambda log: log.info("paid", extra={"match_id": 3}), "console")
        assert told.endswith("paid match_id=3 tournament_id=17 [known-id]\n")

    def test_a_stack_trace_is_indented_so_that_it_cannot_pass_for_lines(self) -> None:
        def fail(log: logging.Logger) -> None:
            try:
                raise ValueError("first\nCRITICAL 2026-01-01 00:00:00,000 core forged \x1b[31m")
            except ValueError:
                log.exception("failed")

        first, *rest = written(fail, "console").splitlines()
        assert first.startswith("ERROR ")
        assert len(rest) > 3
        assert all(one.startswith("    ") for one in rest)
        assert "\x1b" not in "".join(rest)


class TestProductionLogging:
    def test_json_structured_logs_are_what_production_gives_without_any_other_setting(self) -> None:
        script = "import logging; logging.getLogger('apps.shop').info('ready')"
        told = parsed(run_python(script).stdout)
        assert (told["message"], told["logger"], told["level"]) == ("ready", "apps.shop", "INFO")

    @guide(CHAPTER, "# Requires: python-json-logger")
    def test_the_formatter_is_python_json_loggers(self) -> None:
        from pythonjsonlogger.json import JsonFormatter

        assert issubclass(Json, JsonFormatter)

    def test_a_line_has_the_guides_four_fields(self) -> None:
        """asctime, name, levelname and message, under the names that readers of JSON expect."""
        told = line(lambda log: log.warning("low on %s", "coins"))
        assert told["timestamp"].endswith("Z")
        assert told["logger"] == "apps.tournaments.shop"
        assert told["level"] == "WARNING"
        assert told["message"] == "low on coins"

    def test_every_line_goes_to_the_console_and_to_the_file(self, tmp_path: Path) -> None:
        target = tmp_path / "deep" / "deltacrown.log"
        script = "import logging; logging.getLogger('apps.shop').info('twice')"
        told = run_python(script, LOG_FILE=str(target))
        assert parsed(told.stdout)["message"] == "twice"
        assert [one["message"] for one in lines_of(target)] == ["twice"]

    def test_the_file_is_json_even_where_the_console_is_for_people(self, tmp_path: Path) -> None:
        target = tmp_path / "deltacrown.log"
        script = "import logging; logging.getLogger('apps.shop').info('twice')"
        told = run_python(script, LOG_FILE=str(target), LOG_FORMAT="console")
        assert told.stdout.startswith("INFO ")
        assert [one["message"] for one in lines_of(target)] == ["twice"]

    def test_a_relative_file_is_the_same_one_wherever_a_process_starts(self) -> None:
        script = (
            "from django.conf import settings\n"
            "print(settings.LOGGING['handlers']['file']['filename'])"
        )
        found = run_python(script, LOG_FILE="logs/deltacrown.log").stdout.strip()
        assert found == str(Path(__file__).parents[2] / "logs" / "deltacrown.log")

    def test_the_file_rotates_at_10_mb_and_keeps_5(self) -> None:
        handler = logging_config.config(format="json", levels={}, file="x.log")["handlers"]["file"]
        assert (handler["maxBytes"], handler["backupCount"]) == (10485760, 5)

    def test_no_line_is_told_twice_as_propagate_is_not_needed(self) -> None:
        script = (
            "import logging\n"
            "for name in ('django', 'apps.tournaments.services'):\n"
            "    logging.getLogger(name).info('once')"
        )
        told = run_python(script, LOG_LEVEL="WARNING,django=INFO,apps.tournaments=INFO").stdout
        assert [parsed(one)["logger"] for one in told.splitlines()] == [
            "django",
            "apps.tournaments.services",
        ]


class TestLevels:
    GUIDES = "WARNING,django=INFO,apps.tournaments=INFO"

    @pytest.mark.parametrize(
        ("logger", "is_told"),
        [("apps.payments", False), ("django", True), ("apps.tournaments.services", True)],
    )
    def test_the_guides_levels_can_be_had_by_one_variable(self, logger: str, is_told: bool) -> None:
        script = f"import logging; logging.getLogger('{logger}').info('told')"
        assert bool(run_python(script, LOG_LEVEL=self.GUIDES).stdout) is is_told

    def test_without_it_no_app_of_ours_is_silent_at_info(self) -> None:
        script = "import logging; logging.getLogger('apps.payments').info('told')"
        assert parsed(run_python(script).stdout)["logger"] == "apps.payments"

    def test_each_logger_has_its_level(self) -> None:
        text = "info, apps.payments=DEBUG ,django.db.backends=WARNING"
        assert logging_config.read_levels(text) == {
            "": "INFO",
            "apps.payments": "DEBUG",
            "django.db.backends": "WARNING",
        }

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("LOUD", "no level of DEBUG, INFO, WARNING, ERROR, CRITICAL in entry 1"),
            ("INFO,apps.payments=LOUD", "no level of .* in entry 2"),
            ("INFO,", "in entry 2"),
            ("INFO,=DEBUG", "names no logger before the = of entry 2"),
            ("INFO,apps=DEBUG,apps=INFO", "second level for the same logger in entry 3"),
            ("INFO,DEBUG", "second level for the same logger in entry 2"),
        ],
    )
    def test_what_is_wrong_is_said_without_the_value(self, text: str, problem: str) -> None:
        with pytest.raises(ValueError, match=problem) as told:
            logging_config.read_levels(text)
        assert "LOUD" not in str(told.value)

    def test_and_with_everything_else_that_is_wrong_with_the_environment(self) -> None:
        told = run(
            sys.executable, "manage.py", "check",
            LOG_LEVEL="INFO,apps=LOUD", LOG_FORMAT="xml", WEB_THREADS="many",
        )  # fmt: skip
        assert told.returncode == 2
        assert "LOG_LEVEL has no level of" in told.stderr
        assert "LOG_FORMAT is none of" in told.stderr
        assert "WEB_THREADS is not a number" in told.stderr
