from django.db import migrations, models
from django.db.models import F


def those_there_are(apps, schema_editor):
    """A cancelled one may have been a draft; everybody could see it then."""
    tournaments = apps.get_model("tournaments", "Tournament").objects
    tournaments.exclude(status="draft").update(opened_at=F("created_at"))


class Migration(migrations.Migration):
    dependencies = [
        ("tournaments", "0005_check_in_opened_at"),
    ]

    operations = [
        migrations.AddField(
            model_name="tournament",
            name="opened_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.RunPython(those_there_are, migrations.RunPython.noop),
    ]
