from typing import Any, ClassVar

from django.db import migrations
from django.db.models import F


def place_champions(apps: Any, schema_editor: Any) -> None:
    """Prizes go to places: who was crowned before there were any has the first."""
    registrations = apps.get_model("tournaments", "Registration").objects
    crowned = registrations.filter(tournament__champion=F("player"), status="confirmed")
    registrations.filter(pk__in=list(crowned.values_list("pk", flat=True))).update(place=1)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("tournaments", "0003_entrants_and_formats")]
    operations: ClassVar = [migrations.RunPython(place_champions, migrations.RunPython.noop)]
