"""Decisions on many images or users at once, as actions of the lists in the admin.

An action opens a page that shows the selection and asks for a reason. Its form names
each image with its file and its number of decisions, so that an image is only decided
on as it was shown.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_POST

from accounts.models import User
from images.models import Action, Image
from images.moderation.desk.decision_requests import ABOUT_USERS, DONE, DecisionRequest
from images.moderation.desk.forms import NEED_REASON, NOTES, DecisionForm
from images.moderation.desk.refusals import Refused
from images.moderation.notices import tell_owners_soon
from images.moderation.permissions import visible_name
from images.services.renditions import build_urls

# Restoring an image downloads and uploads its file.
_MOST = {Action.RESTORE: 20}
_MOST_OTHERWISE = 100
_TITLES = {
    Action.APPROVE: "Approve images",
    Action.TAKE_DOWN: "Take images down",
    Action.RESTORE: "Restore images",
    Action.SUSPEND: "Suspend users",
    Action.REINSTATE: "Reinstate users",
    Action.DELETE: "Delete images",
}


@dataclass(frozen=True)
class SelectedItem:
    """A selected user, or a selected image and its owner."""

    user: User
    image: Image | None = None

    def __str__(self) -> str:
        """Return the value that the form sends; `_decide_on` reads it."""
        if self.image is None:
            return str(self.user.pk)
        return f"{self.image.pk}_{self.image.decision_count}_{self.image.file.name}"

    def thumbnail(self) -> str:
        if self.image is None or self.image.is_confidential:
            return ""
        return build_urls(self.image)[1]["thumbnail"]


_Handler = Callable[[Any, HttpRequest, QuerySet[Any]], HttpResponse | None]


def image_action(action: Action) -> _Handler:
    """Make an action of the list of images that decides on the selected images."""

    def ask(
        model_admin: Any, request: HttpRequest, queryset: QuerySet[Image]
    ) -> HttpResponse | None:
        images = queryset.select_related("owner").order_by("-pk")
        some = images[: _most(action) + 1]
        items = [SelectedItem(image.owner, image) for image in some]
        return _ask(request, action, items)

    permission = "delete" if action == Action.DELETE else "moderate"
    return _named(ask, action, permission)


def owner_action(action: Action) -> _Handler:
    """Make an action of the list of images that decides on their owners."""

    def ask(
        model_admin: Any, request: HttpRequest, queryset: QuerySet[Image]
    ) -> HttpResponse | None:
        owners = User.objects.filter(pk__in=queryset.order_by().values("owner"))
        return _ask_about_users(request, action, owners)

    return _named(ask, action, "suspend", "the owners of ")


def user_action(action: Action) -> _Handler:
    """Make an action of the list of users that decides on the selected users."""

    def ask(
        model_admin: Any, request: HttpRequest, queryset: QuerySet[User]
    ) -> HttpResponse | None:
        return _ask_about_users(request, action, queryset)

    return _named(ask, action, "suspend")


@require_POST
def decide_on_many(request: HttpRequest) -> HttpResponseBase:
    """Decide on each item by itself, and report how many decisions were made."""
    form = DecisionForm(request.POST)
    items = request.POST.getlist("item")
    if not form.is_valid():
        if form.errors.keys() != {"note"}:
            # Browsers do not send the page's form without its required fields.
            raise BadRequest("A field of the decision is missing or wrong.")
        messages.error(request, f"Nothing was decided. {form.errors['note'][0]}")
        return _back_to_list(request, form.cleaned_data["action"])
    decision = DecisionRequest.of(cast(User, request.user), form)
    if len(items) > _most(decision.action):
        raise BadRequest("Too many items.")
    refused: Counter[str] = Counter()
    for item in items:
        try:
            _decide_on(decision, item)
        except Refused as error:
            refused[str(error)] += 1
    # Together, so that an owner gets one mail.
    tell_owners_soon()
    if done := len(items) - refused.total():
        messages.success(request, f"{DONE[decision.action]}: {done}.")
    for reason, number in refused.items():
        messages.error(request, f"Not done for {number}: {reason}")
    return _back_to_list(request, decision.action)


def _back_to_list(request: HttpRequest, action: Action) -> HttpResponse:
    sees_users = cast(User, request.user).has_module_perms("accounts")
    return redirect(
        "admin:accounts_user_changelist"
        if action in ABOUT_USERS and sees_users
        else "admin:images_image_changelist"
    )


def _decide_on(decision: DecisionRequest, item: str) -> None:
    try:
        if decision.is_about_user:
            decision.decide_on_user(UUID(item))
        else:
            key, seen, file = item.split("_", 2)
            decision.decide_on_image(UUID(key), int(seen), file)
    except ValueError as error:
        raise BadRequest("An item is malformed.") from error


def _ask_about_users(
    request: HttpRequest, action: Action, users: QuerySet[User]
) -> HttpResponse | None:
    found = users.order_by("-pk")[: _most(action) + 1]
    return _ask(request, action, [SelectedItem(user) for user in found])


def ask_to_delete(request: HttpRequest, image: Image) -> HttpResponse:
    """Show the page that asks why the image is to be deleted."""
    return _confirmation(request, Action.DELETE, [SelectedItem(image.owner, image)])


def _ask(
    request: HttpRequest, action: Action, items: list[SelectedItem]
) -> HttpResponse | None:
    if len(items) > _most(action):
        messages.error(request, f"Select at most {_most(action)}.")
        return None
    return _confirmation(request, action, items)


def _confirmation(
    request: HttpRequest, action: Action, items: list[SelectedItem]
) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": _TITLES[action],
        "action": action,
        "items": [(item, visible_name(item.user, request.user)) for item in items],
        "told": "users" if action in ABOUT_USERS else "owners",
        "needs_reason": action in NEED_REASON,
        "reasons": list(NOTES.items()),
    }
    return TemplateResponse(request, "admin/moderation/bulk.html", context)


def _named(ask: _Handler, action: Action, permission: str, of: str = "") -> _Handler:
    """Give the handler the name and the label that the admin needs."""
    verb = {Action.SUSPEND: "Suspend", Action.REINSTATE: "Reinstate"}.get(
        action, action.label
    )
    what = "%(verbose_name_plural)s"
    ask.__name__ = f"{action}_{'owners' if of else 'selected'}"
    label = f"{verb} {of}the selected {what}"
    return admin.action(ask, description=label, permissions=[permission])


def _most(action: Action) -> int:
    return _MOST.get(action, _MOST_OTHERWISE)
