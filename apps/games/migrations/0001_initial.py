from typing import Any, ClassVar

from django.core.validators import ProhibitNullCharactersValidator
from django.db import migrations, models
from django.db.models import F, Q

# title, players of a team, with its substitutes
GAMES = (
    ("Counter-Strike 2", 5, 7),
    ("Dota 2", 5, 7),
    ("EA Sports FC", 1, 3),
    ("eFootball", 1, 3),
    ("Fortnite", 2, 5),
    ("League of Legends", 5, 7),
    ("Mobile Legends", 5, 7),
    ("PUBG Mobile", 4, 6),
    ("Rocket League", 3, 5),
    ("Street Fighter 6", 1, 3),
    ("Tekken 8", 1, 3),
    ("VALORANT", 5, 7),
)


def add_games(apps: Any, schema_editor: Any) -> None:
    game = apps.get_model("games", "Game")
    game.objects.using(schema_editor.connection.alias).bulk_create(
        game(title=title, roster_min=least, roster_max=most) for title, least, most in GAMES
    )


class Migration(migrations.Migration):
    initial = True
    dependencies: ClassVar = []
    operations: ClassVar = [
        migrations.CreateModel(
            name="Game",
            fields=[
                (
                    "title",
                    models.CharField(
                        max_length=40,
                        primary_key=True,
                        serialize=False,
                        validators=[ProhibitNullCharactersValidator()],
                    ),
                ),
                (
                    "roster_min",
                    models.PositiveSmallIntegerField(
                        default=1, help_text="Players a team has to have"
                    ),
                ),
                (
                    "roster_max",
                    models.PositiveSmallIntegerField(default=1, help_text="With its substitutes"),
                ),
                ("retired", models.BooleanField(default=False)),
            ],
            options={"ordering": ["title"]},
        ),
        migrations.AddConstraint(
            model_name="game",
            constraint=models.CheckConstraint(
                condition=Q(roster_min__gte=1, roster_max__gte=F("roster_min"), roster_max__lte=20),
                name="game_roster_in_range",
            ),
        ),
        migrations.RunPython(add_games, migrations.RunPython.noop),
    ]
