"""The tournament to play: `make demo FORMAT=swiss ENTRANTS=64 TEAMS=1`."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from demo.api import DemoError, Json
from demo.invariants import CHECKS

MAX_ENTRANTS = {"round_robin": 64}
DEFAULT_MAX_ENTRANTS = 1024
FEE = 1000  # cents
PRIZE = 5000  # DeltaCoin
WATCHABLE_PACE = 0.1  # seconds between two steps
MAX_PACE = 60


@dataclass(frozen=True)
class Plan:
    format: str = "single_elimination"
    entrants: int = 16
    teams: bool = False

    @property
    def game(self) -> str:
        return "Fortnite" if self.teams else "VALORANT"

    @property
    def teammates(self) -> int:
        """Players of a team besides its captain."""
        return 1 if self.teams else 0

    @property
    def players(self) -> int:
        return self.entrants * (1 + self.teammates)

    def api_fields(self) -> Json:
        """The body of POST /api/tournaments/ without the name."""
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
    """Raises DemoError with the valid values."""
    name = environment.get("FORMAT") or Plan.format
    if name not in CHECKS:
        raise DemoError(f"FORMAT={name} is unknown. Choose from: {', '.join(CHECKS)}.")
    teams = environment.get("TEAMS") or "0"
    if teams not in ("0", "1"):
        raise DemoError(f"TEAMS={teams} is invalid: use 0 or 1.")
    return Plan(name, _entrants(environment.get("ENTRANTS") or "", name), teams == "1")


def pace_from_environment(plan: Plan, environment: Mapping[str, str] = os.environ) -> float:
    """Seconds between two steps. Raises DemoError."""
    default = WATCHABLE_PACE if plan.entrants <= Plan.entrants else 0
    text = environment.get("PACE") or str(default)
    try:
        pace = float(text)
    except ValueError:
        pace = -1.0
    if not 0 <= pace <= MAX_PACE:
        raise DemoError(f"PACE={text} is invalid: use seconds from 0 to {MAX_PACE}.")
    return pace


def _entrants(text: str, format: str) -> int:
    maximum = MAX_ENTRANTS.get(format, DEFAULT_MAX_ENTRANTS)
    if not text:
        return Plan.entrants
    if not text.isascii() or not text.isdecimal() or not 2 <= int(text) <= maximum:
        raise DemoError(f"ENTRANTS={text} is invalid: {format} takes 2 to {maximum}.")
    return int(text)
