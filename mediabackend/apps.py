from django.apps import AppConfig
from django.conf import settings


class MediabackendConfig(AppConfig):
    name = "mediabackend"
    verbose_name = "Server"

    def ready(self) -> None:
        # Importing them registers the checks, and connects the signals.
        from mediabackend import checks  # noqa: F401
        from mediabackend.site import imagekit_metrics  # noqa: F401

        if settings.SENTRY_DSN:
            # Takes a quarter of a second to load.
            from mediabackend.site.error_reports import report_errors

            report_errors()
