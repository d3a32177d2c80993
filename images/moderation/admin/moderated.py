"""What moderation adds to the admin of images, and to that of users."""

from typing import Any, ClassVar, cast

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.admin import UserAdmin
from accounts.models import User
from images.models import Action, Image, Report, State
from images.moderation import decisions
from images.moderation.admin.bulk import image_action, owner_action, user_action
from images.moderation.desk.pages import image_context
from images.moderation.rights import MODERATE, SEE_ADDRESSES, SUSPEND
from mediabackend.admin import BoundedAdmin

_ACTIVATED = "Activated by an administrator."


class ModeratedImagesAdmin(BoundedAdmin):
    """Decisions from the list and from an image's page.

    Who may not look at users sees owners by name and id, and cannot search for
    their addresses.
    """

    actions = (
        image_action(Action.APPROVE),
        image_action(Action.TAKE_DOWN),
        image_action(Action.RESTORE),
        owner_action(Action.SUSPEND),
        owner_action(Action.REINSTATE),
    )

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(MODERATE)

    def has_suspend_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(SUSPEND)

    def has_change_permission(
        self, request: HttpRequest, obj: Image | None = None
    ) -> bool:
        # Not by anybody, as long as it can be restored to what was looked at.
        is_down = obj is not None and obj.state == State.TAKEN_DOWN
        return not is_down and super().has_change_permission(request, obj)

    def get_list_display(self, request: HttpRequest) -> Any:
        return self._without_addresses(request, super().get_list_display(request))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self._without_addresses(request, super().get_fields(request, obj))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*super().get_readonly_fields(request, obj), "owner_name", "moderation")

    def get_search_fields(self, request: HttpRequest) -> Any:
        fields = super().get_search_fields(request)
        if request.user.has_perm(SEE_ADDRESSES):
            return fields
        return tuple(field for field in fields if "email" not in field)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = dict(extra_context or {})
        image = self.get_object(request, object_id)
        if image and self.has_moderate_permission(request):
            context |= image_context(request, image, request.path)
        return super().change_view(request, object_id, form_url, context)

    def history_view(
        self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        # It names everybody who has changed the image by their address.
        if not request.user.has_perm(SEE_ADDRESSES):
            raise PermissionDenied
        return super().history_view(request, object_id, *args, **kwargs)

    @admin.display(description="owner")
    def owner_name(self, image: Image) -> str:
        return image.owner.display_name or f"User {image.owner_id}"

    @admin.display(description="moderation")
    def moderation(self, image: Image) -> SafeString:
        text = image.get_state_display()
        if image.open_reports:
            text += f", open reports: {image.open_reports}"
        url = reverse("admin:images_decision_image", args=[image.pk])
        return format_html('<a href="{}">{}</a>', url, text)

    @admin.display(description="visibility")
    def visibility_and_state(self, image: Image) -> SafeString:
        shared = image.get_visibility_display()
        return format_html("{}<br>{}", shared, self.moderation(image))

    def _without_addresses(self, request: HttpRequest, fields: Any) -> Any:
        if request.user.has_perm(SEE_ADDRESSES):
            return fields
        return ["owner_name" if field == "owner" else field for field in fields]


class ModeratedUserAdmin(UserAdmin):
    """Users, whom moderators suspend and reinstate with a line in the log."""

    actions: Any = (
        *UserAdmin.actions,
        user_action(Action.SUSPEND),
        user_action(Action.REINSTATE),
    )

    list_display: Any = (
        "email",
        "display_name",
        "image_count",
        *UserAdmin.list_display[2:],
    )
    readonly_fields: ClassVar[Any] = (*UserAdmin.readonly_fields, "image_count")

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Show the number of images in the profile of a user."""
        fieldsets = super().get_fieldsets(request, obj)
        return [
            (title, options | {"fields": (*options["fields"], "image_count")})
            if title == "Profile"
            else (title, options)
            for title, options in fieldsets
        ]

    @admin.display(description="image count", ordering="item_count")
    def image_count(self, user: User) -> int:
        return user.item_count

    def has_suspend_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(SUSPEND)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[Any, dict[str, int], set[str], Any]:
        """Name the images, which go with their owners, and ask for their permission.

        Reports, which nobody may delete by themselves, go with their sender.
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
        for user in self._touchable(request, queryset).filter(is_active=False):
            self._log_end_of_suspension(request, user)
        super().activate(request, queryset)

    def save_model(
        self, request: HttpRequest, obj: User, form: ModelForm, change: bool
    ) -> None:
        if change and "is_active" in form.changed_data and obj.is_active:
            self._log_end_of_suspension(request, obj)
        super().save_model(request, obj, form, change)

    def _log_end_of_suspension(self, request: HttpRequest, user: User) -> None:
        # Else the log would go on to say that they are suspended.
        if decisions.is_suspended(user.pk):
            decisions.reinstate(
                user=user.pk, by=cast(User, request.user), note=_ACTIVATED
            )


def register() -> None:
    """Put the admin of users with suspensions in the place of the plain one."""
    admin.site.unregister(User)
    admin.site.register(User, ModeratedUserAdmin)
    admin.site.index_template = "admin/moderation/index.html"
