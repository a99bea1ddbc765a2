from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """A tournament's game is a row of the table of games: the column keeps its name and values."""

    dependencies: ClassVar = [("games", "0001_initial"), ("tournaments", "0001_initial")]
    operations: ClassVar = [
        migrations.RenameField("tournament", "game_title", "game"),
        migrations.AlterField(
            "tournament",
            "game",
            models.ForeignKey(
                db_column="game_title",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tournaments",
                to="games.game",
            ),
        ),
    ]
