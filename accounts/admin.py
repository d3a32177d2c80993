"""Users in the admin."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest
from rest_framework_simplejwt.token_blacklist.models import (
    BlacklistedToken,
    OutstandingToken,
)

from accounts.models import User

# Their pages would show refresh tokens, ready to use.
admin.site.unregister([BlacklistedToken, OutstandingToken])


@admin.register(User)
class UserAdmin(BaseUserAdmin):
    list_display = (
        "email",
        "display_name",
        "image_count",
        "is_active",
        "is_staff",
        "date_joined",
    )
    list_filter = ("is_active", "is_staff", "is_superuser", "groups")
    search_fields = ("email", "display_name")
    ordering = ("-id",)
    date_hierarchy = "date_joined"
    readonly_fields = ("id", "image_count", "date_joined", "last_login")
    show_full_result_count = False
    actions = ("deactivate", "activate")
    fieldsets = (
        (None, {"fields": ("id", "email", "email_verified", "password")}),
        ("Profile", {"fields": ("display_name", "image_count")}),
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

    @admin.action(description="Deactivate the selected users", permissions=["change"])
    def deactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        # Nobody locks themselves out.
        changed = queryset.exclude(pk=str(request.user.pk)).update(is_active=False)
        self.message_user(request, f"{changed} users were deactivated.")

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            user.delete()

    @admin.action(description="Activate the selected users", permissions=["change"])
    def activate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        changed = queryset.update(is_active=True)
        self.message_user(request, f"{changed} users were activated.")
