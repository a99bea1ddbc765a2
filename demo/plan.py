"""What is played: `make demo FORMAT=swiss ENTRANTS=64 TEAMS=1`."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from demo.api import Json, Problem

FORMATS = ("single_elimination", "double_elimination", "round_robin", "swiss", "groups")
MOST = {"round_robin": 64}
FEE = 1000
PRIZE = 5000
UNHURRIED = 0.1  # seconds between two steps, where there are few enough to watch them


@dataclass(frozen=True)
class Plan:
    format: str = "single_elimination"
    entrants: int = 16
    teams: bool = False

    @property
    def game(self) -> str:
        return "Fortnite" if self.teams else "VALORANT"

    @property
    def mates(self) -> int:
        """Players of a team besides its captain."""
        return 1 if self.teams else 0

    @property
    def people(self) -> int:
        return self.entrants * (1 + self.mates)

    def as_wish(self) -> Json:
        """As the API takes it, but for the name."""
        return {
            "game_title": self.game,
            "format": self.format,
            "team_based": self.teams,
            "capacity": self.entrants,
            "entry_fee": FEE,
            "currency": "EUR",
            "prize_coins": PRIZE,
        }


def from_environment(environment: Mapping[str, str] = os.environ) -> Plan:
    """Raises Problem, which says what can be set."""
    kind = environment.get("FORMAT") or Plan.format
    if kind not in FORMATS:
        raise Problem(f"FORMAT={kind} is none of {', '.join(FORMATS)}.")
    teams = environment.get("TEAMS") or "0"
    if teams not in ("0", "1"):
        raise Problem(f"TEAMS={teams} is neither 0 nor 1.")
    return Plan(kind, _entrants(environment.get("ENTRANTS") or "", kind), teams == "1")


def pace_from_environment(plan: Plan, environment: Mapping[str, str] = os.environ) -> float:
    """Seconds between two steps. Raises Problem."""
    text = environment.get("PACE") or str(UNHURRIED if plan.entrants <= Plan.entrants else 0)
    try:
        pace = float(text)
    except ValueError:
        pace = -1.0
    if not 0 <= pace <= 60:
        raise Problem(f"PACE={text} is no number of seconds from 0 to 60.")
    return pace


def _entrants(text: str, kind: str) -> int:
    most = MOST.get(kind, 1024)
    if not text:
        return Plan.entrants
    if not text.isascii() or not text.isdecimal() or not 2 <= int(text) <= most:
        raise Problem(f"ENTRANTS={text} is no number from 2 to {most}, which {kind} takes.")
    return int(text)
