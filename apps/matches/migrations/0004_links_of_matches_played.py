from typing import Any, ClassVar

from django.db import migrations
from django.db.models import F, OuterRef, Subquery

STARTED = ("live", "completed")


def link_matches(apps: Any, schema_editor: Any) -> None:
    """Until now all were single eliminations, and who plays on went by the numbers alone."""
    matches = apps.get_model("matches", "Match").objects
    following = matches.filter(
        tournament=OuterRef("tournament"),
        round=OuterRef("round") + 1,
        position=OuterRef("position") / 2,
    )
    matches.update(winner_to=Subquery(following.values("pk")[:1]))
    matches.filter(winner_to__isnull=False).update(winner_slot=F("position") % 2)
    matches.filter(status="completed").update(outcome="played")


def number_entrants(apps: Any, schema_editor: Any) -> None:
    """They were drawn in the order in which they had signed up."""
    registrations = apps.get_model("tournaments", "Registration").objects
    drawn = registrations.filter(
        tournament__status__in=STARTED, status="confirmed", seed__isnull=True
    )
    seeds: dict[int, int] = {}
    for registration in drawn.order_by("pk").iterator():
        tournament = registration.tournament_id
        seeds[tournament] = registration.seed = seeds.get(tournament, 0) + 1
        registration.save(update_fields=["seed"])


class Migration(migrations.Migration):
    """Apart from the change of tables: Postgres changes none with rows of it still to be checked."""

    dependencies: ClassVar = [("matches", "0003_formats_and_disputes")]
    operations: ClassVar = [
        migrations.RunPython(link_matches, migrations.RunPython.noop),
        migrations.RunPython(number_entrants, migrations.RunPython.noop),
    ]
