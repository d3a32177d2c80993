"""The admin of users, with suspensions and the number of their images."""

from contextlib import suppress
from typing import Any, ClassVar, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from accounts.admin import UserAdmin
from accounts.models import User
from accounts.services.staff_rights import manageable
from images.models import Action, Report
from images.moderation.admin.bulk_decisions import user_action
from images.moderation.admin.home import collect_home
from images.moderation.decisions import NotPossible, reinstate_user
from images.moderation.log import is_suspended
from images.moderation.notices import tell_owners_soon
from images.moderation.permissions import SUSPEND

_ACTIVATED = "Activated by an administrator."


class ModeratedUserAdmin(UserAdmin):
    """Lets moderators suspend and reinstate users, with a line in the log."""

    actions: Any = (
        *UserAdmin.actions,
        user_action(Action.SUSPEND),
        user_action(Action.REINSTATE),
    )

    list_display: Any = (
        *UserAdmin.list_display[:2],
        "image_count",
        *UserAdmin.list_display[2:],
    )
    readonly_fields: ClassVar[Any] = (*UserAdmin.readonly_fields, "image_count")
    fieldsets: ClassVar[Any] = [
        (title, options | {"fields": (*options["fields"], "image_count")})
        if title == "Profile"
        else (title, options)
        for title, options in UserAdmin.fieldsets
    ]

    @admin.display(description="image count", ordering="item_count")
    def image_count(self, user: User) -> int:
        return user.item_count

    def has_suspend_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(SUSPEND)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[Any, dict[str, int], set[str], Any]:
        """Also list the users' images, and require the permission to delete them.

        The users' reports need no permission, since nobody has one to delete reports.
        """
        listed, counts, missing, protected = super().get_deleted_objects(objs, request)
        if images := sum(user.item_count for user in objs):
            counts["images"] = images
            if not request.user.has_perm("images.delete_image"):
                missing.add("image")
        missing.discard(str(Report._meta.verbose_name))
        return listed, counts, missing, protected

    @admin.action(description="Activate the selected users", permissions=["change"])
    def activate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in manageable(request.user, queryset).filter(is_active=False):
            self._log_end_of_suspension(request, user)
        super().activate(request, queryset)

    def save_model(
        self, request: HttpRequest, obj: User, form: ModelForm, change: bool
    ) -> None:
        if change and "is_active" in form.changed_data and obj.is_active:
            self._log_end_of_suspension(request, obj)
        super().save_model(request, obj, form, change)

    def _log_end_of_suspension(self, request: HttpRequest, user: User) -> None:
        # Without this line, the last decision in the log would be the suspension.
        if is_suspended(user.pk):
            # Not possible when somebody else has reinstated them meanwhile.
            with suppress(NotPossible):
                reinstate_user(
                    user=user.pk, by=cast(User, request.user), note=_ACTIVATED
                )
                tell_owners_soon()


def register() -> None:
    """Replace the plain admin of users, and complete the home page of the admin."""
    admin.site.unregister(User)
    admin.site.register(User, ModeratedUserAdmin)
    admin.site.index_template = "admin/moderation/index.html"
    # The site is a StaffAdminSite.
    admin.site.home_parts.append(collect_home)  # type: ignore[attr-defined]
