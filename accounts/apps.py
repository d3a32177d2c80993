from django.apps import AppConfig
from django.contrib.admin import apps as admin


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        # Importing them registers the checks and connects the signals.
        from accounts import checks  # noqa: F401
        from accounts.services import sign_in  # noqa: F401


class StaffAdminConfig(admin.AdminConfig):
    """Django's admin, with the second factor of staff."""

    default = False
    default_site = "accounts.pages.admin_site.StaffAdminSite"
