from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        # Importing them registers the checks and connects the signals.
        from accounts import checks  # noqa: F401
        from accounts.services import sign_in_log  # noqa: F401
