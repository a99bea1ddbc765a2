"""The guide's "Logging Configuration": "Development Logging" and "Production Logging"."""

import logging
import re
import sys
from pathlib import Path

import pytest
from pythonjsonlogger.json import JsonFormatter

from apps.core import context
from apps.core.logging import config as logging_config
from apps.core.logging.formatters import Json
from deltacrown.variable_types import read_levels
from tests.guide.claims import guide
from tests.guide.logging_tools import PRODUCTION, line, lines_of, parsed_lines, run_python, written
from tests.programs import ROOT, run

CHAPTER = "Logging Configuration"


class TestDevelopmentLogging:
    @guide(CHAPTER, "LOGGING = {")
    def test_console_output_is_human_readable_and_has_the_guides_format(self) -> None:
        logged = written(lambda log: log.info("Tournament created"), "console")
        assert re.fullmatch(
            r"INFO \d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} test_logging_configuration "
            r"Tournament created \[-\]\n",
            logged,
        )

    def test_debug_selects_console_output_and_the_file_is_json(self, tmp_path: Path) -> None:
        target = tmp_path / "deltacrown.log"
        script = "import logging; logging.getLogger('apps.payments').info('ready')"
        done = run_python(script, DEBUG="1", LOG_FILE=str(target))
        assert re.fullmatch(r"INFO [\d-]+ [\d:,]+ <string> ready \[-\]\n", done.stdout)
        assert [line["message"] for line in lines_of(target)] == ["ready"]

    def test_existing_loggers_are_kept_and_the_root_logger_is_at_info(self) -> None:
        definition = logging_config.config(format="console", levels={}, file="")
        assert definition["disable_existing_loggers"] is False
        assert definition["root"]["level"] == "INFO"

    def test_a_long_value_is_cut_on_the_console(self) -> None:
        heads = [f"tournament:{number}#1={number:064}" for number in range(50)]
        text = written(lambda log: log.info("anchored", extra={"heads": heads}), "console")
        assert len(text) < 500
        assert "characters cut" in text

    def test_extra_and_context_are_on_the_line(self) -> None:
        with context.bound(request_id="known-id", tournament_id=17):
            logged = written(lambda log: log.info("paid", extra={"match_id": 3}), "console")
        assert logged.endswith("paid match_id=3 tournament_id=17 [known-id]\n")

    def test_a_stack_trace_is_indented_and_cannot_forge_lines(self) -> None:
        def fail(log: logging.Logger) -> None:
            try:
                raise ValueError("first\nCRITICAL 2026-01-01 00:00:00,000 core forged \x1b[31m")
            except ValueError:
                log.exception("failed")

        first, *rest = written(fail, "console").splitlines()
        assert first.startswith("ERROR ")
        assert len(rest) > 3
        assert all(text.startswith("    ") for text in rest)
        assert "\x1b" not in "".join(rest)


class TestProductionLogging:
    LEVELS_OF_THE_GUIDE = "WARNING,django=INFO,apps.tournaments=INFO"

    def test_json_lines_of_the_guides_levels_go_to_the_console_and_to_the_file(
        self, tmp_path: Path
    ) -> None:
        """With no other setting. No line is written twice."""
        target = tmp_path / "deep" / "deltacrown.log"
        script = (
            "import logging\n"
            "for name in ('apps.payments', 'django', 'apps.tournaments.services'):\n"
            "    logging.getLogger(name).info('logged')"
        )
        done = run_python(script, LOG_FILE=str(target), LOG_LEVEL=self.LEVELS_OF_THE_GUIDE)
        loggers = [line["logger"] for line in parsed_lines(done.stdout)]
        assert loggers == ["django", "apps.tournaments.services"]
        assert [line["logger"] for line in lines_of(target)] == loggers

    @guide(CHAPTER, "# Requires: python-json-logger")
    def test_the_formatter_extends_python_json_logger(self) -> None:
        assert issubclass(Json, JsonFormatter)

    def test_a_line_has_the_four_fields_of_the_guide(self) -> None:
        """asctime, name, levelname and message, under the names that readers of JSON expect."""
        logged = line(lambda log: log.warning("low on %s", "coins"))
        assert logged["timestamp"].endswith("Z")
        assert logged["logger"] == "apps.tournaments.shop"
        assert logged["level"] == "WARNING"
        assert logged["message"] == "low on coins"

    def test_a_relative_log_file_does_not_depend_on_the_working_directory(
        self, tmp_path: Path
    ) -> None:
        script = (
            "from deltacrown import settings\n"
            "print(settings.LOGGING['handlers']['file']['filename'])"
        )
        variables = PRODUCTION | {"LOG_FILE": "logs/deltacrown.log", "PYTHONPATH": str(ROOT)}
        done = run(sys.executable, "-c", script, cwd=tmp_path, **variables)
        assert done.stdout == f"{ROOT}/logs/deltacrown.log\n"

    def test_the_file_rotates_at_10_mb_and_keeps_5(self) -> None:
        handler = logging_config.config(format="json", levels={}, file="x.log")["handlers"]["file"]
        assert (handler["maxBytes"], handler["backupCount"]) == (10485760, 5)


def test_each_logger_has_its_level() -> None:
    text = "info, apps.payments=DEBUG ,django.db.backends=WARNING"
    assert read_levels(text) == {
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
def test_an_invalid_level_is_reported_but_not_repeated(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem) as logged:
        read_levels(text)
    assert "LOUD" not in str(logged.value)
