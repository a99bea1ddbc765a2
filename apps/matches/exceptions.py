"""
DomainError
├── Conflict
│   ├── MatchNotReady
│   ├── MatchAlreadyReported
│   ├── MatchAlreadyCompleted
│   ├── MatchNotReported
│   ├── MatchIsDisputed
│   ├── MatchNotCompleted
│   ├── EvidenceAlreadyGiven
│   ├── RoundIsOver
│   └── TournamentNotLive
├── Forbidden
│   ├── NotYourMatch
│   ├── NotTheOrganizer
│   └── OwnReport
├── Invalid
│   ├── FormatNotPossible
│   ├── EntrantNotInMatch
│   ├── EvidenceMissing
│   ├── ScoreNotPossible
│   └── ScoreIsDraw
└── NotFound
    ├── MatchNotFound
    └── DisputeNotFound
"""

from apps.core.exceptions import Conflict, Forbidden, Invalid, NotFound


class MatchNotReady(Conflict):
    code = "match_not_ready"
    message = "The match waits for its players, or for the round before it."


class MatchAlreadyReported(Conflict):
    code = "match_already_reported"
    message = "You have reported the match: the other side has to answer."


class MatchAlreadyCompleted(Conflict):
    code = "match_already_completed"
    message = "The match is over."


class MatchNotReported(Conflict):
    code = "match_not_reported"
    message = "There is no result to answer yet."


class MatchIsDisputed(Conflict):
    code = "match_is_disputed"
    message = "The two sides do not agree: the organizer decides."


class MatchNotCompleted(Conflict):
    code = "match_not_completed"
    message = "There is no result to correct yet."


class EvidenceAlreadyGiven(Conflict):
    code = "evidence_already_given"
    message = "Your side has said what it has to say."


class RoundIsOver(Conflict):
    code = "round_is_over"
    message = "What depends on this result has been drawn or has begun: it stands."


class TournamentNotLive(Conflict):
    code = "tournament_not_live"
    message = "The tournament is not being played."


class NotYourMatch(Forbidden):
    code = "not_your_match"
    message = "You do not play in this match."


class NotTheOrganizer(Forbidden):
    code = "not_the_organizer"
    message = "Only the tournament's organizer may do that."


class OwnReport(Forbidden):
    code = "own_report"
    message = "Your opponent answers what you reported."


class FormatNotPossible(Invalid):
    code = "format_not_possible"
    message = "The format cannot be played like this."


class EntrantNotInMatch(Invalid):
    code = "entrant_not_in_match"
    message = "Say which of the two entrants has forfeited."


class EvidenceMissing(Invalid):
    code = "evidence_missing"
    message = "Say in up to 1,000 characters what was different."


class ScoreNotPossible(Invalid):
    code = "score_not_possible"
    message = "A match cannot end with this score."


class ScoreIsDraw(Invalid):
    code = "score_is_draw"
    message = "A match has to have a winner."


class MatchNotFound(NotFound):
    code = "match_not_found"
    message = "There is no such match."


class DisputeNotFound(NotFound):
    code = "dispute_not_found"
    message = "Nobody disputes this match."
