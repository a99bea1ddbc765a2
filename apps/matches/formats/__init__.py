"""Tournament formats as pure functions. They know neither Django nor players.

A format is one module: a subclass of `Format` that declares its label, limits and options, and says
how matches are drawn, ranked and named. To add one, write the module and list its class below.
"""

from apps.matches.formats.base import Format, Option
from apps.matches.formats.double_elimination import DoubleElimination
from apps.matches.formats.groups import Groups
from apps.matches.formats.round_robin import RoundRobin
from apps.matches.formats.single_elimination import SingleElimination
from apps.matches.formats.swiss import Swiss

CLASSES: tuple[type[Format], ...] = (
    SingleElimination,
    DoubleElimination,
    RoundRobin,
    Swiss,
    Groups,
)
FORMATS = {format_class.name: format_class for format_class in CLASSES}
if len(FORMATS) < len(CLASSES):
    raise ValueError(f"Two formats have the same name: {sorted(FORMATS)}")
DEFAULT = SingleElimination.name
OPTIONS: dict[str, Option] = {
    name: option for format_class in CLASSES for name, option in format_class.options().items()
}


def format_of(tournament: object) -> Format:
    """The format that a tournament names, with the options that the tournament has."""
    return FORMATS[getattr(tournament, "format")].of(tournament)  # noqa: B009


def choices() -> list[tuple[str, str]]:
    return [(name, format_class.label) for name, format_class in FORMATS.items()]


def plan_errors(tournament: object, entrants: int) -> dict[str, str]:
    """Why the tournament cannot be played, by field. Options of other formats are checked too, so
    that the format can be changed without surprises."""
    errors: dict[str, str] = {}
    for format_class in CLASSES:
        errors |= format_class.of(tournament).option_errors()
    return errors | format_of(tournament).errors(entrants)
