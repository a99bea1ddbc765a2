from dataclasses import dataclass
from typing import ClassVar

from apps.core import metrics
from apps.core.events import Event, Person


@dataclass(frozen=True, kw_only=True)
class TournamentEvent(Event):
    stream: ClassVar[str] = "tournament:{tournament_id}"

    tournament_id: int


@dataclass(frozen=True, kw_only=True)
class TournamentCreated(TournamentEvent):
    name = "tournament.created"

    organizer: Person
    game_title: str

    def actor_id(self) -> int:
        return self.organizer["id"]


@dataclass(frozen=True, kw_only=True)
class TournamentOpened(TournamentEvent):
    name = "tournament.opened"

    game_title: str

    def count(self) -> None:
        metrics.tournaments.track(self.tournament_id, self.game_title)


@dataclass(frozen=True, kw_only=True)
class TournamentStarted(TournamentEvent):
    name = "tournament.started"

    entrants: int
    rounds: int


@dataclass(frozen=True, kw_only=True)
class TournamentCompleted(TournamentEvent):
    name = "tournament.completed"

    champion: Person

    def count(self) -> None:
        metrics.tournaments.retire(self.tournament_id)


@dataclass(frozen=True, kw_only=True)
class TournamentCancelled(TournamentEvent):
    name = "tournament.cancelled"

    def count(self) -> None:
        metrics.tournaments.retire(self.tournament_id)


@dataclass(frozen=True, kw_only=True)
class PrizePaid(TournamentEvent):
    name = "prize.paid"

    player: Person
    coins: int

    def count(self) -> None:
        metrics.coins_awarded.inc(self.coins)


@dataclass(frozen=True, kw_only=True)
class RegistrationEvent(TournamentEvent):
    registration_id: int
    player: Person
    game_title: str


class RegistrationCreated(RegistrationEvent):
    name = "registration.created"

    def count(self) -> None:
        counter = metrics.tournament_registrations
        metrics.tournaments.inc(counter, self.tournament_id, self.game_title, status="SUCCESS")


class RegistrationConfirmed(RegistrationEvent):
    name = "registration.confirmed"

    def count(self) -> None:
        metrics.registrations_confirmed.inc()
