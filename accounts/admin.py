"""Users and failed sign-ins in the admin."""

from typing import Any, ClassVar

from axes.admin import AccessAttemptAdmin
from axes.models import AccessAttempt
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.db.models import CharField, QuerySet
from django.http import HttpRequest

from accounts.models import User
from accounts.services.lockout import unlock, unlock_attempts
from mediabackend.admin import BoundedAdmin
from mediabackend.api.text import TextFormField

_RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions")


@admin.register(User)
class UserAdmin(BoundedAdmin, BaseUserAdmin):
    list_display: Any = (
        "email",
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
        (
            "Permissions",
            {
                "fields": (
                    "is_active",
                    "is_staff",
                    "is_superuser",
                    "groups",
                    "user_permissions",
                )
            },
        ),
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

    def get_readonly_fields(
        self, request: HttpRequest, obj: User | None = None
    ) -> tuple[str, ...]:
        """Let nobody but a superuser hand out rights."""
        if request.user.is_superuser:
            return self.readonly_fields
        return (*self.readonly_fields, *_RIGHTS)

    def has_change_permission(
        self, request: HttpRequest, obj: User | None = None
    ) -> bool:
        return self._may_touch(request, obj) and super().has_change_permission(
            request, obj
        )

    def has_delete_permission(
        self, request: HttpRequest, obj: User | None = None
    ) -> bool:
        return self._may_touch(request, obj) and super().has_delete_permission(
            request, obj
        )

    @staticmethod
    def _may_touch(request: HttpRequest, user: User | None) -> bool:
        """Keep superusers from those who are none: a new password is a take-over."""
        return user is None or not user.is_superuser or request.user.is_superuser

    @staticmethod
    def _touchable(request: HttpRequest, users: QuerySet[User]) -> QuerySet[User]:
        """Leave out those whom `_may_touch` keeps from whoever asks."""
        return users if request.user.is_superuser else users.exclude(is_superuser=True)

    @admin.action(description="Deactivate the selected users", permissions=["change"])
    def deactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        # Nobody locks themselves out.
        others = self._touchable(request, queryset).exclude(pk=str(request.user.pk))
        changed = others.update(is_active=False)
        self.message_user(request, f"{changed} users were deactivated.")

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            user.delete()

    @admin.action(description="Activate the selected users", permissions=["change"])
    def activate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        changed = self._touchable(request, queryset).update(is_active=True)
        self.message_user(request, f"{changed} users were activated.")

    @admin.action(
        description="Unlock the sign-in of the selected users", permissions=["change"]
    )
    def unlock(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            unlock(user)
        self.message_user(request, f"{len(queryset)} users may sign in again.")


admin.site.unregister(AccessAttempt)


@admin.register(AccessAttempt)
class FailedSignInAdmin(AccessAttemptAdmin):
    """Failed sign-ins by account and address. Deleting one unlocks it."""

    list_display = (
        "attempt_time",
        "username",
        "ip_address",
        "failures_since_start",
        "path_info",
        "user_agent",
    )
    list_filter = ("attempt_time", "path_info")
    fieldsets = ((None, {"fields": list_display}),)
    readonly_fields = list_display
    show_full_result_count = False
    actions = ("unlock",)

    @admin.action(
        description="Unlock the selected accounts and addresses",
        permissions=["delete"],
    )
    def unlock(self, request: HttpRequest, queryset: QuerySet[AccessAttempt]) -> None:
        number = unlock_attempts(queryset)
        self.message_user(request, f"{number} were unlocked.")

    def delete_queryset(
        self, request: HttpRequest, queryset: QuerySet[AccessAttempt]
    ) -> None:
        unlock_attempts(queryset)

    def delete_model(self, request: HttpRequest, obj: AccessAttempt) -> None:
        unlock_attempts(AccessAttempt.objects.filter(pk=obj.pk))

    def has_change_permission(
        self, request: HttpRequest, obj: AccessAttempt | None = None
    ) -> bool:
        return False
