"""
DomainError
├── Conflict
│   └── TooManyGames
└── Invalid
    ├── BadGame
    └── UnknownGame
"""

from apps.core.exceptions import Conflict, Invalid


class TooManyGames(Conflict):
    code = "too_many_games"
    message = "There are as many games as there may be."


class BadGame(Invalid):
    message = "The game is not acceptable as it is."


class UnknownGame(Invalid):
    message = "That game is not played here."
