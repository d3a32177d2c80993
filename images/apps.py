from django.apps import AppConfig


class ImagesConfig(AppConfig):
    name = "images"
    verbose_name = "Images"

    def ready(self) -> None:
        # Importing registers the checks, and a function in SQLite.
        from images import checks  # noqa: F401
        from images.screening import copies  # noqa: F401
