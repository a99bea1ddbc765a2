"""
DomainError
├── Conflict: TooManyGames
└── Invalid: BadGame, UnknownGame
"""

from apps.core.exceptions import Conflict, Invalid


class TooManyGames(Conflict):
    code = "too_many_games"
    message = "The maximum number of games is reached."


class BadGame(Invalid):
    message = "These settings don't work together."


class UnknownGame(Invalid):
    message = "That game isn't available."
