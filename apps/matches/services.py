"""Matches of a bracket: made at the start, reported by one player, confirmed by the other."""

from collections.abc import Sequence

from django.db import transaction

from apps.accounts.models import User
from apps.core.events import Person, record
from apps.matches.brackets import first_round, rounds_for
from apps.matches.events import MatchCompleted, MatchReady, MatchReported
from apps.matches.exceptions import (
    MatchAlreadyCompleted,
    MatchAlreadyReported,
    MatchNotFound,
    MatchNotReady,
    MatchNotReported,
    NotYourMatch,
    OwnReport,
    ScoreIsDraw,
    TournamentNotLive,
)
from apps.matches.models import Match


def bracket_create(*, tournament_id: int, entrants: Sequence[User]) -> int:
    """All matches of a single elimination for two or more entrants in order of seed; who has a bye
    goes on at once. Returns the number of rounds. Call inside a transaction."""
    rounds = rounds_for(len(entrants))
    places = [(n, at) for n in range(2, rounds + 1) for at in range(2 ** (rounds - n))]
    later = {(n, at): Match(tournament_id=tournament_id, round=n, position=at) for n, at in places}
    first = []
    for position, (a, b) in enumerate(first_round(entrants)):
        if b is None:
            _seat(later[2, position // 2], position, a)
        else:
            match = Match(tournament_id=tournament_id, round=1, position=position)
            match.player_a, match.player_b, match.status = a, b, Match.Status.READY
            first.append(match)
    for match in Match.objects.bulk_create([*first, *later.values()]):
        if match.status == Match.Status.READY:
            _announce_ready(match)
    return rounds


@transaction.atomic
def match_report(*, match_id: int, player: User, score: tuple[int, int]) -> Match:
    """`score` in the order of the match's players. Raises what `_playable` does, ScoreIsDraw,
    MatchAlreadyReported."""
    match = _playable(match_id, player)
    if match.status == Match.Status.REPORTED:
        raise MatchAlreadyReported
    if score[0] == score[1]:
        raise ScoreIsDraw(score="must not be a draw")
    match.score_a, match.score_b = score
    match.reported_by, match.status = player, Match.Status.REPORTED
    match.save(update_fields=["score_a", "score_b", "reported_by", "status"])
    record(
        MatchReported(
            tournament_id=match.tournament_id,
            match_id=match.pk,
            round=match.round,
            position=match.position,
            score=list(score),
        )
    )
    return match


@transaction.atomic
def match_confirm(*, match_id: int, player: User) -> Match:
    """The other player agrees: the match is over and its winner plays on. Raises what `_playable`
    does, MatchNotReported, OwnReport."""
    match = _playable(match_id, player)
    if match.status != Match.Status.REPORTED or match.score is None:
        raise MatchNotReported
    if match.reported_by_id == player.pk:
        raise OwnReport
    won_by_a = match.score[0] > match.score[1]
    winner = match.player_a if won_by_a else match.player_b
    assert winner is not None
    match.winner, match.status = winner, Match.Status.COMPLETED
    match.save(update_fields=["winner", "status"])
    following = _following(match)
    record(
        MatchCompleted(
            tournament_id=match.tournament_id,
            match_id=match.pk,
            round=match.round,
            position=match.position,
            score=match.score,
            winner=_person(winner),
            game_title=match.tournament.game_title,
            final=following is None,
        )
    )
    if following is not None:
        _advance(match, following, winner)
    return match


def _playable(match_id: int, player: User) -> Match:
    """The match, locked after its tournament, so that neither changes meanwhile. Raises
    MatchNotFound, NotYourMatch, TournamentNotLive, MatchNotReady, MatchAlreadyCompleted."""
    of_tournament = Match.objects.select_related("tournament").select_for_update(of=("tournament",))
    found = of_tournament.filter(pk=match_id).first()
    if found is None:
        raise MatchNotFound
    match = Match.objects.select_for_update().get(pk=match_id)
    match.tournament = found.tournament
    if player.pk not in (match.player_a_id, match.player_b_id):
        raise NotYourMatch
    if match.status == Match.Status.COMPLETED:
        raise MatchAlreadyCompleted
    if match.tournament.status != "live":
        raise TournamentNotLive
    if match.status == Match.Status.PENDING:
        raise MatchNotReady
    return match


def _following(match: Match) -> Match | None:
    """Where the winner plays on, locked; None after the final."""
    return (
        Match.objects.select_for_update()
        .filter(
            tournament_id=match.tournament_id,
            round=match.round + 1,
            position=match.position // 2,
        )
        .first()
    )


def _advance(match: Match, following: Match, winner: User) -> None:
    _seat(following, match.position, winner)
    following.save(update_fields=["player_a", "player_b", "status"])
    if following.status == Match.Status.READY:
        _announce_ready(following)


def _seat(match: Match, from_position: int, player: User) -> None:
    if from_position % 2 == 0:
        match.player_a = player
    else:
        match.player_b = player
    if match.player_a_id and match.player_b_id:
        match.status = Match.Status.READY


def _announce_ready(match: Match) -> None:
    assert match.player_a is not None
    assert match.player_b is not None
    record(
        MatchReady(
            tournament_id=match.tournament_id,
            match_id=match.pk,
            round=match.round,
            position=match.position,
            players=[_person(match.player_a), _person(match.player_b)],
        )
    )


def _person(user: User) -> Person:
    return {"id": user.pk, "username": user.username}
