"""
Refusal
├── Conflict
│   ├── MatchNotReady
│   ├── MatchAlreadyReported
│   ├── MatchAlreadyCompleted
│   ├── MatchNotReported
│   └── TournamentNotLive
├── Forbidden
│   ├── NotYourMatch
│   └── OwnReport
├── Invalid
│   └── ScoreIsDraw
└── NotFound
    └── MatchNotFound
"""

from apps.core.exceptions import Conflict, Forbidden, Invalid, NotFound


class MatchNotReady(Conflict):
    code = "match_not_ready"
    message = "The match waits for its players."


class MatchAlreadyReported(Conflict):
    code = "match_already_reported"
    message = "The match is reported: the other player has to confirm."


class MatchAlreadyCompleted(Conflict):
    code = "match_already_completed"
    message = "The match is over."


class MatchNotReported(Conflict):
    code = "match_not_reported"
    message = "There is no result to confirm yet."


class TournamentNotLive(Conflict):
    code = "tournament_not_live"
    message = "The tournament is not being played."


class NotYourMatch(Forbidden):
    code = "not_your_match"
    message = "You do not play in this match."


class OwnReport(Forbidden):
    code = "own_report"
    message = "Your opponent confirms what you reported."


class ScoreIsDraw(Invalid):
    code = "score_is_draw"
    message = "A match has to have a winner."


class MatchNotFound(NotFound):
    code = "match_not_found"
    message = "There is no such match."
