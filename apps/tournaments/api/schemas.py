"""Request and response schemas of tournaments and registrations."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from ninja import Schema
from pydantic import ConfigDict, Field

from apps.accounts.schemas import PersonOut
from apps.api.schemas import Id, Input, Moment, Seq, Text
from apps.matches.formats import FORMATS, OPTIONS
from apps.matches.formats.base import MAX_ENTRANTS
from apps.matches.schemas import TeamRef
from apps.tournaments.models import MAX_COINS, MAX_MINUTES, Registration, Tournament
from apps.tournaments.services.plan_versions import plan_version


def option_bounds(name: str) -> Any:
    return Field(ge=OPTIONS[name].minimum, le=OPTIONS[name].maximum)


Coins = Annotated[int, Field(ge=0, le=MAX_COINS)]
Percent = Annotated[int, Field(ge=1, le=100)]
if TYPE_CHECKING:
    Format = str
else:
    Format = Literal[tuple(FORMATS)]
Seeding = Literal["signup", "rank", "random", "manual"]
Minutes = Annotated[int, Field(ge=0, le=MAX_MINUTES)]
Name = Annotated[Text, Field(min_length=1, max_length=100)]
Capacity = Annotated[int, Field(ge=2, le=MAX_ENTRANTS)]
Split = Annotated[list[Percent], Field(min_length=1, max_length=16)]


class PlanIn(Input):
    rules: Annotated[Text, Field(max_length=4000)] = ""
    format: Format = "single_elimination"
    team_based: bool = False
    best_of: Literal[1, 3, 5, 7] = 3
    third_place: bool = False
    group_size: Annotated[int, option_bounds("group_size")] = 4
    group_advance: Annotated[int, option_bounds("group_advance")] = 2
    swiss_rounds: Annotated[int, option_bounds("swiss_rounds")] = 0
    seeding: Seeding = "signup"
    entry_fee: Coins = 0
    currency: Literal["BDT", "EUR", "GBP", "USD"] = "EUR"
    prize_coins: Coins = 0
    prize_split: Split = Field([100], description="Percentages by place. They add up to 100.")
    registration_opens_at: Moment | None = None
    registration_closes_at: Moment | None = None
    starts_at: Moment | None = None
    check_in_minutes: Minutes = 0
    round_minutes: Minutes = 0
    no_show_minutes: Minutes = 0


class TournamentIn(PlanIn):
    name: Name
    game_title: Annotated[Text, Field(min_length=1, max_length=40)]
    capacity: Capacity


class TournamentPatch(PlanIn):
    """Changes only the fields that are sent. Format, fee and prizes cannot change after
    registration opens."""

    version: Annotated[Text, Field(min_length=1, max_length=64)] | None = Field(
        None,
        description="The `version` of the tournament that you read. If it has changed, the answer "
        "is 409 `plan_has_changed`. Without it, changes are always applied.",
    )
    name: Name = ""
    capacity: Capacity = 2


class TournamentOut(Schema):
    id: int
    name: str
    game_title: str
    rules: str
    format: str
    team_based: bool
    capacity: int
    best_of: int
    third_place: bool
    group_size: int
    group_advance: int
    swiss_rounds: int
    seeding: str
    random_seed: str
    entry_fee: int
    currency: str
    prize_coins: int
    prize_split: list[int]
    registration_opens_at: datetime | None
    registration_closes_at: datetime | None
    starts_at: datetime | None
    check_in_minutes: int
    round_minutes: int
    no_show_minutes: int
    status: str
    organizer: PersonOut
    entrants: int
    champion: PersonOut | None
    created_at: datetime
    version: str = Field(description="Changes with each change of the plan or the status.")

    @staticmethod
    def resolve_version(tournament: Tournament) -> str:
        return plan_version(tournament)


class SeedsIn(Input):
    """Registration ids, top seed first. Others follow in registration order."""

    order: Annotated[list[Id], Field(max_length=MAX_ENTRANTS)]


class RegistrationIn(Input):
    team_id: Id | None = None


class RegistrationOut(Schema):
    id: int
    tournament_id: int
    name: str
    player: PersonOut
    team: TeamRef | None
    status: str
    stands_by: bool
    seed: int | None
    place: int | None
    amount_due: int
    currency: str = Field(validation_alias="tournament.currency")
    pay_until: datetime | None

    @staticmethod
    def resolve_amount_due(registration: Registration) -> int:
        due = registration.status == Registration.Status.PENDING_PAYMENT
        return registration.tournament.entry_fee if due else 0


class EventOut(Schema):
    seq: int
    name: str
    data: dict[str, Any]
    at: datetime


class EventsQuery(Input):
    model_config = ConfigDict(strict=False)

    since: Seq = 0
    cursor: Seq | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 100
