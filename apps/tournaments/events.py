from typing import TYPE_CHECKING, Self

from apps.accounts.types import Person
from apps.events.recording import Event
from apps.matches.events import STREAM
from apps.matches.metrics import active_tournaments
from apps.matches.types import Entrant
from apps.tournaments import metrics

if TYPE_CHECKING:
    from apps.tournaments.models import Registration


class TournamentEvent(Event):
    stream = STREAM

    tournament_id: int


class TournamentCreated(TournamentEvent):
    name = "tournament.created"

    organizer: Person
    game_title: str

    def actor_id(self) -> int:
        return self.organizer["id"]


class TournamentEdited(TournamentEvent):
    name = "tournament.edited"

    fields: list[str]


class TournamentOpened(TournamentEvent):
    name = "tournament.opened"

    game_title: str

    def count(self) -> None:
        active_tournaments.track(self.tournament_id, game_title=self.game_title)


class CheckInOpened(TournamentEvent):
    name = "tournament.check_in_opened"

    starts_at: str | None


class TournamentReminded(TournamentEvent):
    """The tournament starts within 15 minutes."""

    name = "tournament.reminded"

    starts_at: str


class TournamentSeeded(TournamentEvent):
    """Manual seeding. `order` lists registration ids."""

    name = "tournament.seeded"

    order: list[int]


class TournamentStarted(TournamentEvent):
    name = "tournament.started"

    entrants: int
    rounds: int
    seeding: str = "signup"
    random_seed: str = ""  # set where `seeding` is "random"


class TournamentCompleted(TournamentEvent):
    """`champion` is the player, or the captain of the team `entrant`."""

    name = "tournament.completed"

    champion: Person
    entrant: Entrant | None = None

    def count(self) -> None:
        active_tournaments.retire(self.tournament_id)


class TournamentCancelled(TournamentEvent):
    name = "tournament.cancelled"

    def count(self) -> None:
        active_tournaments.retire(self.tournament_id)


class PrizePaid(TournamentEvent):
    name = "prize.paid"

    player: Person
    coins: int
    place: int

    def count(self) -> None:
        metrics.coins_awarded.inc(self.coins)


class RegistrationEvent(TournamentEvent):
    registration_id: int
    player: Person
    entrant: Entrant
    game_title: str

    @classmethod
    def of(cls, registration: "Registration", **more: str) -> Self:
        return cls(
            tournament_id=registration.tournament_id,
            registration_id=registration.pk,
            player=registration.player.as_person(),
            entrant=registration.as_entrant(),
            game_title=registration.tournament.game_title,
            **more,
        )


class RegistrationCreated(RegistrationEvent):
    name = "registration.created"

    status: str  # "waitlisted" if the tournament was full

    def count(self) -> None:
        counter = metrics.tournament_registrations
        active_tournaments.inc(
            counter, self.tournament_id, {"game_title": self.game_title}, status="SUCCESS"
        )
        if self.status == "waitlisted":
            metrics.registration_transitions.labels(self.status).inc()


class RegistrationConfirmed(RegistrationEvent):
    name = "registration.confirmed"

    def count(self) -> None:
        metrics.registrations_confirmed.inc()


class RegistrationPromoted(RegistrationEvent):
    """From the waiting list to a seat, possibly with a payment due."""

    name = "registration.promoted"

    def count(self) -> None:
        metrics.registration_transitions.labels("promoted").inc()


class RegistrationCheckedIn(RegistrationEvent):
    name = "registration.checked_in"

    def count(self) -> None:
        metrics.registration_transitions.labels("checked_in").inc()


class RegistrationStandsBy(RegistrationEvent):
    """Checked in on the waiting list, as a standby for no-shows."""

    name = "registration.stands_by"


class RegistrationLeft(RegistrationEvent):
    name = "registration.left"

    status: str  # the reason: "withdrawn", "refunded", "expired" or "no_show"

    def count(self) -> None:
        metrics.registration_transitions.labels(self.status).inc()
