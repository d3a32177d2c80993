from django.apps import AppConfig


class MediabackendConfig(AppConfig):
    name = "mediabackend"
    verbose_name = "Server"

    def ready(self) -> None:
        # Importing it registers the checks.
        from mediabackend import checks  # noqa: F401
