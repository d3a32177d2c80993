from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "mediabackend.events"

    def ready(self) -> None:
        # Importing registers the checks.
        from mediabackend.events import checks  # noqa: F401
