"""The guide's curl commands: each response is compared with the documented response."""

import json
import re
from datetime import datetime

from demo.api import DemoError
from demo.guide.commands import Outcome, run

GUIDE_URL = "http://localhost:8000"
# The responses of commands that the guide repeats without a response.
SHOWN_EARLIER = {"/healthz": '{"status": "healthy"}', "/readiness": '{"status": "ready"}'}


def check_responses(base_url: str, text: str) -> Outcome:
    commands = re.findall(r"^(?:\$ )?(curl .+)$", text, re.MULTILINE)
    return Outcome("; ".join(_compare(line, _response(line, base_url), text) for line in commands))


def _response(line: str, base_url: str) -> str:
    command = line.replace("curl", "curl -sS --max-time 10", 1).replace(GUIDE_URL, base_url)
    try:
        return run(["bash", "-c", command]).stdout
    except DemoError as error:
        raise DemoError(f"{line}: {error}") from None


def _compare(line: str, response: str, shown: str) -> str:
    if response.startswith("#"):
        return _compare_metrics(response, shown)
    if "{" in shown:
        return _compare_json(response, shown[shown.index("{") :])
    return _compare_json(response, SHOWN_EARLIER[line.removeprefix(f"curl {GUIDE_URL}")])


def _compare_json(response: str, shown: str) -> str:
    actual, expected = json.loads(response), json.loads(shown)
    for key, value in expected.items():
        if key == "timestamp":
            datetime.fromisoformat(actual[key])
        elif actual.get(key) not in (value, "disabled"):  # a server that is not configured
            raise DemoError(f"{key} is {actual.get(key)!r}, the guide says {value!r}")
    return "returns " + ", ".join(f"{key} {actual[key]}" for key in expected if key != "timestamp")


def _compare_metrics(response: str, shown: str) -> str:
    expected = re.findall(r'^# (\w+)(?:\{(\w+="\w+")\})? \d+$', shown, re.MULTILINE)
    for name, label in expected:
        if not re.search(rf"^{name}\{{.*{label}", response, re.MULTILINE):
            raise DemoError(f"{name} {label} is missing")
    return "returns " + ", ".join(name for name, _ in expected)
