from django.apps import AppConfig


class ImageKitEmulatorConfig(AppConfig):
    name = "imagekit_emulator"
    verbose_name = "ImageKit emulator"
