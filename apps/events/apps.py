from django.apps import AppConfig

from apps.core.apps import import_from_every_app


class EventsConfig(AppConfig):
    name = "apps.events"

    def ready(self) -> None:
        import_from_every_app("reactions")
