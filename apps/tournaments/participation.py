"""What a tournament is to the one who looks at it, and what they can do about it."""

from dataclasses import dataclass, field

from django.contrib.humanize.templatetags.humanize import ordinal
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet

from apps.accounts.models import User
from apps.matches.models import Match
from apps.matches.selectors import match_list, with_entrants
from apps.payments.selectors import fee_kept, payment_under_way
from apps.teams.models import Membership, Team
from apps.tournaments.models import Registration, RosterPlace, Tournament
from apps.tournaments.selectors import seats_free
from apps.web.templatetags.money import money

Status = Tournament.Status
Format = Tournament.Format
LOSSES = {Format.SINGLE_ELIMINATION: 1, Format.DOUBLE_ELIMINATION: 2}  # and who has so many is out
Registered = Registration.Status
WORDS = {
    Registered.PENDING_PAYMENT: "You have a seat, once it is paid for.",
    Registered.CONFIRMED: "You are in.",
    Registered.CHECKED_IN: "You are in, and checked in.",
    Registered.WAITLISTED: "Every seat is taken: you are on the waiting list.",
}
STANDS_BY = "You are checked in, and stand by for the seat of who does not show up."
ENDED = {
    Registered.EXPIRED: "You had a seat, and did not pay for it in time.",
    Registered.NO_SHOW: "You had not checked in: your seat was given away.",
}
NOT_PAID = "You had a seat, and had not paid for it when the tournament began."
NO_SEAT = "You were on the waiting list when the tournament began, and got no seat."
OUT = "You have played your last match. Places are given when the tournament is over."
CLOSED = {Status.CHECK_IN: "Registration is closed: who has signed up is checking in."}
PAYING = (
    "Your payment is under way: the seat is held for you until it is known how it ends, "
    "or the tournament begins."
)
WAITING = "Your payment waits for you at the provider. The seat is held for you for some minutes."
GOES_BACK = "Your entry fee of {} goes back to where it came from."
WOULD_GO_BACK = "Should your payment still go through, it goes back."
CALLED_OFF = (Registered.CANCELLED, Registered.REFUNDED)


@dataclass(frozen=True)
class You:
    words: str = ""
    registration: Registration | None = None
    organises: bool = False
    signs_in: bool = False
    enters: str = ""  # what the button says
    pays: bool = False
    pays_already: bool = False  # which goes on at the provider
    withdraws: bool = False
    of_money: str = ""  # what becomes of it for who withdraws
    checks_in: bool = False
    teams: list[Team] = field(default_factory=list)
    matches: list[Match] = field(default_factory=list)


def you(tournament: Tournament, user: User | None) -> You | None:
    """None where there is nothing to say."""
    is_open = tournament.status == Status.REGISTRATION_OPEN
    if user is None:
        if is_open:
            return You(_room(tournament, is_full=_is_full(tournament)), signs_in=True)
        return You(CLOSED[Status.CHECK_IN]) if tournament.status == Status.CHECK_IN else None
    organises = tournament.organizer_id == user.pk
    registration = _registration(tournament, user)
    if registration is not None:
        return _taking_part(tournament, registration, user, organises=organises)
    if is_open:
        return _may_enter(tournament, user, organises=organises)
    words = _ended(tournament, user) or CLOSED.get(Status(tournament.status), "")
    if organises:
        return You(words or "You organize this tournament.", organises=True)
    return You(words) if words else None


def _registration(tournament: Tournament, user: User) -> Registration | None:
    """Theirs, or the team's that they play for: by its roster, and by who is in the team until that
    is locked. Who is in two teams sees the one that they are settled with."""
    active = tournament.registrations.filter(status__in=Registration.ACTIVE).alias(
        plays=_in_roster(user=user),
        is_locked=_in_roster(),
        leads=ExpressionWrapper(Q(player=user), BooleanField()),
        is_member=_in_team(user),
    )
    mine = active.filter(Q(leads=True) | Q(plays=True) | Q(is_locked=False, is_member=True))
    return mine.select_related("player", "team").order_by("-plays", "-leads", "pk").first()


def _in_roster(**who: User) -> Exists:
    return Exists(RosterPlace.objects.filter(registration=OuterRef("pk"), **who))


def _in_team(user: User) -> Exists:
    return Exists(Membership.objects.filter(team=OuterRef("team"), user=user))


def _ended(tournament: Tournament, user: User) -> str:
    """Why they do not take part any more, where they did not choose it."""
    mine = tournament.registrations.filter(Q(player=user) | _in_team(user))
    last = mine.order_by("pk").last()
    if last is None:
        return ""
    if tournament.status == Status.CANCELLED and last.status in CALLED_OFF:
        return "The tournament was cancelled: a fee that was paid goes back."
    if last.status == Registered.CANCELLED:
        return NOT_PAID if last.pay_until else NO_SEAT
    return ENDED.get(Registered(last.status), "")


def _is_full(tournament: Tournament) -> bool:
    """Seats that are still to be paid for are taken too."""
    return seats_free(tournament) <= 0


def _room(tournament: Tournament, *, is_full: bool) -> str:
    if not is_full:
        return "Registration is open."
    is_held = tournament.registrations.filter(status=Registered.PENDING_PAYMENT).exists()
    held = ", or held for who is to pay" if is_held else ""
    return f"Registration is open; every seat is taken{held}, and there is a waiting list."


def _may_enter(tournament: Tournament, user: User, *, organises: bool) -> You:
    teams = list(user.teams_led.filter(game_id=tournament.game_id)) if tournament.team_based else []
    is_full = _is_full(tournament)
    button = "Join the waiting list" if is_full else "Enter"
    room = _room(tournament, is_full=is_full)
    words = " ".join(filter(None, [_ended(tournament, user), room]))
    return You(words, organises=organises, enters=button, teams=teams)


def _taking_part(
    tournament: Tournament, registration: Registration, user: User, *, organises: bool
) -> You:
    """A team's captain acts for it; its other players look on."""
    acts = registration.player_id == user.pk
    before = tournament.status in Tournament.BEFORE_THE_START
    checks_in = registration.status == Registered.CONFIRMED or (
        registration.status == Registered.WAITLISTED and not registration.stands_by
    )
    owes = registration.status == Registered.PENDING_PAYMENT
    payment = payment_under_way(registration_id=registration.pk) if owes else None
    paying, waits = payment is not None, payment is not None and payment.waits_for_payer
    words = _words(tournament, registration)
    if paying:
        words = WAITING if waits else PAYING
    return You(
        words,
        registration,
        organises=organises,
        pays=acts and owes,
        pays_already=paying,
        withdraws=acts and before,
        of_money=_of_money(registration, paying=paying) if acts and before else "",
        checks_in=acts and checks_in and tournament.status == Status.CHECK_IN,
        matches=_matches(tournament, registration),
    )


def _of_money(registration: Registration, *, paying: bool) -> str:
    """Empty where none is paid or under way."""
    if paying:
        return WOULD_GO_BACK
    kept = fee_kept(registration_id=registration.pk)
    return GOES_BACK.format(money(kept, registration.tournament.currency)) if kept else ""


def _words(tournament: Tournament, registration: Registration) -> str:
    if registration.place:
        return f"You came {ordinal(registration.place)}."
    if tournament.status == Status.LIVE and _is_out(tournament, registration):
        return OUT
    if registration.stands_by and registration.status == Registered.WAITLISTED:
        return STANDS_BY
    return WORDS[Registered(registration.status)]


def _is_out(tournament: Tournament, registration: Registration) -> bool:
    """Whether they have lost as often as an elimination lets them, and play no more."""
    may_lose = LOSSES.get(Format(tournament.format))
    if may_lose is None:
        return False
    played = Q(entrant_a=registration) | Q(entrant_b=registration)
    matches = tournament.matches.filter(played)
    lost = matches.filter(status=Match.Status.COMPLETED).exclude(winner=registration)
    return lost.count() >= may_lose and not matches.exclude(status=Match.Status.COMPLETED).exists()


def matches_waiting(user: User) -> QuerySet[Match]:
    """Those of all tournaments that the user acts in, and that are not over."""
    open_ones = with_entrants().filter(status__in=Match.OPEN, tournament__status=Status.LIVE)
    mine = open_ones.filter(Q(entrant_a__player=user) | Q(entrant_b__player=user))
    return mine.order_by("scheduled_at", "pk")


def _matches(tournament: Tournament, registration: Registration) -> list[Match]:
    """Those that wait for them."""
    open_ones = match_list(tournament_id=tournament.pk).filter(status__in=Match.OPEN)
    mine = open_ones.filter(Q(entrant_a=registration) | Q(entrant_b=registration))
    return list(mine[:3]) if tournament.status == Status.LIVE else []
