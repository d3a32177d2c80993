from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        # Importing connects the signals.
        from accounts import (
            checks,  # noqa: F401  (they register themselves)
            signin_log,  # noqa: F401
        )
