"""
DomainError
├── Conflict: MatchNotReady, MatchAlreadyReported, MatchAlreadyCompleted, MatchNotReported,
│   MatchIsDisputed, MatchNotCompleted, EvidenceAlreadyGiven, RoundIsOver, TournamentNotLive
├── Forbidden: NotYourMatch, NotTheOrganizer, OwnReport
├── Invalid: FormatNotPossible, EntrantNotInMatch, EvidenceMissing, ScoreNotPossible, ScoreIsDraw
└── NotFound: MatchNotFound, DisputeNotFound
"""

from apps.core.exceptions import Conflict, Forbidden, Invalid, NotFound


class MatchNotReady(Conflict):
    code = "match_not_ready"
    message = "This match isn't ready yet."


class MatchAlreadyReported(Conflict):
    code = "match_already_reported"
    message = "You've already reported. Waiting for your opponent."


class MatchAlreadyCompleted(Conflict):
    code = "match_already_completed"
    message = "This match is already completed."


class MatchNotReported(Conflict):
    code = "match_not_reported"
    message = "No score has been reported yet."


class MatchIsDisputed(Conflict):
    code = "match_is_disputed"
    message = "The result is disputed. The organizer will decide."


class MatchNotCompleted(Conflict):
    code = "match_not_completed"
    message = "This match has no result to correct yet."


class EvidenceAlreadyGiven(Conflict):
    code = "evidence_already_given"
    message = "You've already submitted your evidence."


class RoundIsOver(Conflict):
    code = "round_is_over"
    message = "Later matches already depend on this result, so it can't be changed."


class TournamentNotLive(Conflict):
    code = "tournament_not_live"
    message = "The tournament isn't live."


class NotYourMatch(Forbidden):
    code = "not_your_match"
    message = "You're not a player in this match."


class NotTheOrganizer(Forbidden):
    code = "not_the_organizer"
    message = "Only the organizer can do that."


class OwnReport(Forbidden):
    code = "own_report"
    message = "Only your opponent can confirm your report."


class FormatNotPossible(Invalid):
    code = "format_not_possible"
    message = "This format can't be played with these settings."


class EntrantNotInMatch(Invalid):
    code = "entrant_not_in_match"
    message = "Choose who forfeited."


class EvidenceMissing(Invalid):
    code = "evidence_missing"
    message = "Describe what happened (max 1,000 characters)."


class ScoreNotPossible(Invalid):
    code = "score_not_possible"
    message = "This score isn't possible."


class ScoreIsDraw(Invalid):
    code = "score_is_draw"
    message = "There must be a winner."


class MatchNotFound(NotFound):
    code = "match_not_found"
    message = "Match not found."


class DisputeNotFound(NotFound):
    code = "dispute_not_found"
    message = "This match isn't disputed."
