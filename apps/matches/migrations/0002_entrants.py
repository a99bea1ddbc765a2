from typing import Any, ClassVar

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, OuterRef, Q, Subquery

SIDES = {"entrant_a": "player_a", "entrant_b": "player_b", "winner": "winning_player"}


def players_to_entrants(apps: Any, schema_editor: Any) -> None:
    registrations = apps.get_model("tournaments", "Registration").objects
    for entrant, player in SIDES.items():
        of_player = registrations.filter(
            tournament=OuterRef("tournament"), player=OuterRef(player)
        ).order_by("pk")
        apps.get_model("matches", "Match").objects.filter(**{f"{player}__isnull": False}).update(
            **{entrant: Subquery(of_player.values("pk")[:1])}
        )
    # Postgres changes no table that has rows with foreign keys still to be checked.
    schema_editor.connection.check_constraints()


def entrant() -> Any:
    return models.ForeignKey(
        null=True,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to="tournaments.registration",
    )


class Migration(migrations.Migration):
    """Matches are between entrants, which may be teams, and no longer between players."""

    dependencies: ClassVar = [
        ("matches", "0001_initial"),
        ("tournaments", "0003_entrants_and_formats"),
    ]
    operations: ClassVar = [
        migrations.RemoveConstraint("match", "match_has_two_players"),
        migrations.RenameField("match", "winner", "winning_player"),
        *(migrations.AddField("match", name, entrant()) for name in SIDES),
        migrations.RunPython(players_to_entrants, migrations.RunPython.noop),
        *(migrations.RemoveField("match", name) for name in SIDES.values()),
        migrations.AddConstraint(
            "match",
            models.CheckConstraint(
                condition=Q(entrant_a__isnull=True) | ~Q(entrant_a=F("entrant_b")),
                name="match_has_two_entrants",
            ),
        ),
    ]
