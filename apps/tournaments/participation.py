"""A user's part in a tournament: the state of their registration, and their next actions."""

from dataclasses import dataclass, field

from django.contrib.humanize.templatetags.humanize import ordinal
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q

from apps.accounts.models import User
from apps.matches.formats import format_of
from apps.matches.models import Match
from apps.matches.selectors import match_list
from apps.payments.selectors import open_payment, refund_on_withdrawal
from apps.teams.models import Membership, Team
from apps.tournaments.models import Registration, RosterPlace, Tournament
from apps.tournaments.selectors import seats_free
from apps.web.templatetags.money import money

Status = Tournament.Status
Registered = Registration.Status
MESSAGES = {
    Registered.PENDING_PAYMENT: "Your spot is reserved. Pay to confirm it.",
    Registered.CONFIRMED: "You're registered.",
    Registered.CHECKED_IN: "You're checked in.",
    Registered.WAITLISTED: "This tournament is full. You're on the waiting list.",
}
STANDS_BY = "You're checked in as a standby and will get a spot if someone doesn't show up."
ENDED = {
    Registered.EXPIRED: "Your registration expired because it wasn't paid in time.",
    Registered.NO_SHOW: "You didn't check in, so your spot was given away.",
}
NOT_PAID = "Your registration was canceled because it wasn't paid before the start."
NO_SEAT = "The tournament started before a spot opened up for you."
ELIMINATED = "You've been eliminated. Final placements are set when the tournament ends."
IS_OPEN = "Registration is open."
CHECKING_IN = "Registration is closed. Registered players are checking in."
PAYING = (
    "Your payment is being processed. "
    "Your spot is held until it completes or the tournament starts."
)
WAITING_FOR_PAYER = "Finish paying to keep your spot. It's held for a few minutes."
REFUND = "Your {} entry fee will be refunded to your original payment method."
LATE_REFUND = "If your payment still goes through, it will be refunded."


@dataclass(frozen=True)
class Participation:
    """Without a message, there is nothing to show."""

    message: str = ""
    registration: Registration | None = None
    can_sign_in: bool = False
    register_label: str = ""  # the button's label
    can_pay: bool = False
    has_open_payment: bool = False
    can_withdraw: bool = False
    refund_message: str = ""  # shown before a withdrawal
    can_check_in: bool = False
    teams: list[Team] = field(default_factory=list)
    matches: list[Match] = field(default_factory=list)


def participation(tournament: Tournament, user: User | None) -> Participation:
    registration = _registration(tournament, user) if user else None
    if user and registration:
        return _registered(tournament, registration, user)
    ended = _ended(tournament, user) if user else ""
    if tournament.status == Status.REGISTRATION_OPEN:
        return _unregistered(tournament, user, ended)
    if not ended and tournament.status == Status.CHECK_IN:
        return Participation(CHECKING_IN)
    if not ended and user and tournament.organizer_id == user.pk:
        return Participation("You organize this tournament.")
    return Participation(ended)


def _registration(tournament: Tournament, user: User) -> Registration | None:
    """The user's registration, or that of their team: by its roster, or by membership until the
    roster is locked. For a member of two teams, the one with the user on its roster."""
    active = tournament.registrations.filter(status__in=Registration.ACTIVE).alias(
        plays=_in_roster(user=user),
        is_locked=_in_roster(),
        leads=ExpressionWrapper(Q(player=user), BooleanField()),
        is_member=_in_team(user),
    )
    mine = active.filter(Q(leads=True) | Q(plays=True) | Q(is_locked=False, is_member=True))
    return mine.select_related("player", "team").order_by("-plays", "-leads", "pk").first()


def _in_roster(**filters: User) -> Exists:
    return Exists(RosterPlace.objects.filter(registration=OuterRef("pk"), **filters))


def _in_team(user: User) -> Exists:
    return Exists(Membership.objects.filter(team=OuterRef("team"), user=user))


def _ended(tournament: Tournament, user: User) -> str:
    """Why the user's registration ended, unless they withdrew."""
    mine = tournament.registrations.filter(Q(player=user) | _in_team(user))
    last = mine.order_by("pk").last()
    if last is None:
        return ""
    if tournament.status == Status.CANCELLED and last.status in ("cancelled", "refunded"):
        fee = " Any entry fee is refunded." if tournament.entry_fee else ""
        return f"This tournament was canceled.{fee}"
    if last.status == Registered.CANCELLED:
        return NOT_PAID if last.pay_until else NO_SEAT
    return ENDED.get(Registered(last.status), "")


def _unregistered(tournament: Tournament, user: User | None, ended: str) -> Participation:
    is_full = seats_free(tournament) <= 0
    available = "This tournament is full. Join the waiting list." if is_full else IS_OPEN
    message = f"{ended} {available}".strip()
    if user is None:
        return Participation(message, can_sign_in=True)
    teams = list(user.teams_led.filter(game_id=tournament.game_id)) if tournament.team_based else []
    label = "Join the waiting list" if is_full else "Register"
    return Participation(message, register_label=label, teams=teams)


def _registered(tournament: Tournament, registration: Registration, user: User) -> Participation:
    """Only the captain can act for a team."""
    acts = registration.player_id == user.pk
    can_withdraw = acts and tournament.status in Tournament.BEFORE_START
    can_check_in = registration.status == Registered.CONFIRMED or (
        registration.status == Registered.WAITLISTED and not registration.stands_by
    )
    owes = registration.status == Registered.PENDING_PAYMENT
    payment = open_payment(registration_id=registration.pk) if owes else None
    message = _message(tournament, registration)
    if payment is not None:
        message = WAITING_FOR_PAYER if payment.requires_action else PAYING
    is_paying = payment is not None
    return Participation(
        message,
        registration,
        can_pay=acts and owes,
        has_open_payment=is_paying,
        can_withdraw=can_withdraw,
        refund_message=_refund_message(registration, is_paying=is_paying) if can_withdraw else "",
        can_check_in=acts and can_check_in and tournament.status == Status.CHECK_IN,
        matches=_matches(tournament, registration),
    )


def _refund_message(registration: Registration, *, is_paying: bool) -> str:
    """Empty if nothing was paid."""
    if is_paying:
        return LATE_REFUND
    kept = refund_on_withdrawal(registration_id=registration.pk)
    return REFUND.format(money(kept, registration.tournament.currency)) if kept else ""


def _message(tournament: Tournament, registration: Registration) -> str:
    if registration.place:
        return f"You finished {ordinal(registration.place)}."
    if tournament.status == Status.LIVE and _is_eliminated(tournament, registration):
        return ELIMINATED
    if registration.stands_by and registration.status == Registered.WAITLISTED:
        return STANDS_BY
    return MESSAGES[Registered(registration.status)]


def _is_eliminated(tournament: Tournament, registration: Registration) -> bool:
    """Whether an entrant of an elimination format has no matches left."""
    max_losses = format_of(tournament).max_losses
    if max_losses is None:
        return False
    played = Q(entrant_a=registration) | Q(entrant_b=registration)
    matches = tournament.matches.filter(played)
    unplayed = matches.exclude(status=Match.Status.COMPLETED)
    lost = matches.filter(status=Match.Status.COMPLETED).exclude(winner=registration)
    return lost.count() >= max_losses and not unplayed.exists()


def _matches(tournament: Tournament, registration: Registration) -> list[Match]:
    matches = match_list(tournament_id=tournament.pk).filter(status__in=Match.OPEN)
    mine = matches.filter(Q(entrant_a=registration) | Q(entrant_b=registration))
    return list(mine[:3]) if tournament.status == Status.LIVE else []
