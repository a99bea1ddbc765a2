from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class EventsConfig(AppConfig):
    name = "apps.events"

    def ready(self) -> None:
        autodiscover_modules("reactions")
