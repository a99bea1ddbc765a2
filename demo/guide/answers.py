"""The guide's curl commands: the answer against what the guide shows of it."""

import json
import re
from datetime import datetime

from demo.api import Problem
from demo.guide.running import Outcome, command

THERE = "http://localhost:8000"
# What it says further up, where a command is repeated without its answer.
FURTHER_UP = {"/healthz": '{"status": "healthy"}', "/readiness": '{"status": "ready"}'}


def curl(base_url: str, text: str) -> Outcome:
    commands = re.findall(r"^(?:\$ )?(curl .+)$", text, re.MULTILINE)
    return Outcome("; ".join(_held(one, _answer(one, base_url), text) for one in commands))


def _answer(line: str, base_url: str) -> str:
    patient = line.replace("curl", "curl -sS --max-time 10", 1)
    try:
        return command(["bash", "-c", patient.replace(THERE, base_url)]).stdout
    except Problem as fault:
        raise Problem(f"{line}: {fault}") from None


def _held(line: str, answer: str, shown: str) -> str:
    """JSON by its keys and values, metrics by name and label."""
    if answer.startswith("#"):
        return _metrics(answer, shown)
    if "{" in shown:
        return _json(answer, shown[shown.index("{") :])
    return _json(answer, FURTHER_UP[line.removeprefix(f"curl {THERE}")])


def _json(answer: str, shown: str) -> str:
    told, wanted = json.loads(answer), json.loads(shown)
    for key, value in wanted.items():
        if key == "timestamp":
            datetime.fromisoformat(told[key])
        elif told.get(key) not in (value, "disabled"):  # no Redis where there is none to be
            raise Problem(f"{key} is {told.get(key)!r}, the guide says {value!r}")
    return "answers " + ", ".join(f"{key} {told[key]}" for key in wanted if key != "timestamp")


def _metrics(answer: str, shown: str) -> str:
    wanted = re.findall(r'^# (\w+)(?:\{(\w+="\w+")\})? \d+$', shown, re.MULTILINE)
    for name, label in wanted:
        if not re.search(rf"^{name}\{{.*{label}", answer, re.MULTILINE):
            raise Problem(f"{name} {label} is not there")
    return "has " + ", ".join(name for name, _ in wanted)
