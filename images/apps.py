from django.apps import AppConfig


class ImagesConfig(AppConfig):
    name = "images"
    verbose_name = "Images"

    def ready(self) -> None:
        # They register themselves.
        from images import checks  # noqa: F401
        from images.moderation import fingerprints  # noqa: F401
