"""Users, groups and failed sign-ins in the admin."""

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as BaseGroupAdmin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.models import Group
from django.db.models import CharField, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import FailedSignIn, User
from accounts.models.attempts import unlock_account
from accounts.services.staff_rights import (
    grantable_permissions,
    manageable,
    may_manage,
)
from mediabackend.admin import BoundedAdmin, UnchangedAdmin
from mediabackend.api.text import TextFormField

_RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions")


class GuardedAdmin(admin.ModelAdmin):
    """Protects users and groups that have more than who is asking.

    All pages and actions that change or delete rows ask these two methods.
    """

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may = super().has_change_permission(request, obj)
        return may and may_manage(request.user, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may = super().has_delete_permission(request, obj)
        return may and may_manage(request.user, obj)


@admin.register(User)
class UserAdmin(GuardedAdmin, BoundedAdmin, BaseUserAdmin):
    list_display: Any = (
        "readable_email",
        "display_name",
        "is_active",
        "is_staff",
        "date_joined",
    )
    list_filter = ("is_active", "is_staff", "is_superuser", "groups")
    search_fields = ("email", "display_name")
    ordering = ("-id",)
    readonly_fields: ClassVar[Any] = ("id", "date_joined", "last_login")
    actions = ("deactivate", "activate", "unlock")
    formfield_overrides = {CharField: {"form_class": TextFormField}}
    fieldsets = (
        (None, {"fields": ("id", "email", "email_verified", "password")}),
        ("Profile", {"fields": ("display_name",)}),
        ("Permissions", {"fields": ("is_active", *_RIGHTS)}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": ("email", "usable_password", "password1", "password2"),
            },
        ),
    )

    @admin.display(description="e-mail address", ordering="email")
    def readable_email(self, user: User) -> str:
        return user.readable_email

    def get_readonly_fields(
        self, request: HttpRequest, obj: User | None = None
    ) -> tuple[str, ...]:
        """Let only superusers grant rights to users."""
        if request.user.is_superuser:
            return self.readonly_fields
        return (*self.readonly_fields, *_RIGHTS)

    @admin.action(description="Deactivate the selected users", permissions=["change"])
    def deactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        # Nobody deactivates themselves.
        users = manageable(request.user, queryset)
        others = users.exclude(pk=str(request.user.pk))
        changed = others.update(is_active=False)
        self.message_user(request, f"Deactivated {changed} users.")

    @admin.action(description="Activate the selected users", permissions=["change"])
    def activate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        changed = manageable(request.user, queryset).update(is_active=True)
        self.message_user(request, f"Activated {changed} users.")

    @admin.action(
        description="Unlock signing in for the selected users", permissions=["change"]
    )
    def unlock(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        users = manageable(request.user, queryset)
        for user in users:
            unlock_account(user.email)
        self.message_user(request, f"Unlocked {len(users)} users.")


admin.site.unregister(Group)
# Their pages show the secrets of other people's second factors.
admin.site.unregister([StaticDevice, TOTPDevice])


@admin.register(Group)
class GroupAdmin(GuardedAdmin, BaseGroupAdmin):
    """Groups, to which staff give only permissions that they have."""

    def formfield_for_manytomany(
        self, db_field: Any, request: HttpRequest | None = None, **kwargs: Any
    ) -> Any:
        if request is not None and db_field.name == "permissions":
            kwargs["queryset"] = grantable_permissions(request.user)
        return super().formfield_for_manytomany(db_field, request, **kwargs)


@admin.register(FailedSignIn)
class FailedSignInAdmin(UnchangedAdmin):
    """Wrong passwords by account and network, or `all`. Deleting one lifts its lock."""

    list_display = ("last_at", "account", "number", "network_and_ip", "request")
    list_filter = ("last_at", "path")
    search_fields = ("account", "ip")
    fields = ("last_at", "account", "network", "number", "ip", "path", "agent")
    actions = ("unlock",)

    @admin.action(
        description="Unlock the selected accounts for these networks",
        permissions=["delete"],
    )
    def unlock(self, request: HttpRequest, queryset: QuerySet[FailedSignIn]) -> None:
        number, _ = queryset.delete()
        self.message_user(request, f"Unlocked {number}.")

    @admin.display(description="network")
    def network_and_ip(self, row: FailedSignIn) -> SafeString:
        return format_html("{}<br><small>{}</small>", row.network, row.ip or "")

    @admin.display(description="last request")
    def request(self, row: FailedSignIn) -> SafeString:
        return format_html("{}<br><small>{}</small>", row.path, row.agent)
