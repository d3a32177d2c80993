"""Decisions on many images or users at once, as actions of the lists in the admin.

An action opens a page that shows the selection and asks for a reason. Its form names
each image with its file and its number of decisions, so that an image is only decided
on as it was shown.
"""

from collections import Counter
from collections.abc import Callable, Sequence
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
from images.moderation.admin.thumbnails import thumbnail_of
from images.moderation.desk.decision_requests import (
    ABOUT_USERS,
    KINDS,
    DecisionRequest,
    Refused,
)
from images.moderation.desk.forms import NEED_REASON, NOTES, DecisionForm
from images.moderation.notices import tell_owners_soon
from images.moderation.permissions import visible_name

# Restoring an image downloads and uploads its file.
_MOST = {Action.RESTORE: 20}
_MOST_OTHERWISE = 100


_Handler = Callable[[Any, HttpRequest, QuerySet[Any]], HttpResponse | None]


def image_action(action: Action) -> _Handler:
    """Make an action of the list of images that decides on the selected images."""
    permission = "delete" if action == Action.DELETE else "moderate"
    return _make_action(
        action, permission, lambda images: images.select_related("owner")
    )


def owner_action(action: Action) -> _Handler:
    """Make an action of the list of images that decides on their owners."""

    def owners(images: QuerySet[Image]) -> QuerySet[User]:
        return User.objects.filter(pk__in=images.order_by().values("owner"))

    return _make_action(action, "suspend", owners, "the owners of ")


def user_action(action: Action) -> _Handler:
    """Make an action of the list of users that decides on the selected users."""
    return _make_action(action, "suspend", lambda users: users)


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
    decision = DecisionRequest(cast(User, request.user), form)
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
        messages.success(request, f"{decision.kind.done}: {done}.")
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


def ask_to_delete(request: HttpRequest, image: Image) -> HttpResponse:
    """Show the page that asks why the image is to be deleted."""
    return _confirmation(request, Action.DELETE, [image])


def _confirmation(
    request: HttpRequest, action: Action, selected: Sequence[Image | User]
) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": KINDS[action].title,
        "action": action,
        "items": [_item(row, request.user) for row in selected],
        "told": "users" if action in ABOUT_USERS else "owners",
        "needs_reason": action in NEED_REASON,
        "reasons": list(NOTES.items()),
    }
    return TemplateResponse(request, "admin/moderation/bulk.html", context)


def _item(row: Image | User, viewer: Any) -> dict[str, Any]:
    """Return the template context of a selected row.

    The form sends the `value`, which `_decide_on` reads.
    """
    if isinstance(row, User):
        return {"value": row.pk, "user": row, "name": visible_name(row, viewer)}
    return {
        "value": f"{row.pk}_{row.decision_count}_{row.file.name}",
        "image": row,
        "thumbnail": thumbnail_of(row, 80),
        "name": visible_name(row.owner, viewer),
    }


def _make_action(
    action: Action,
    permission: str,
    select: Callable[[QuerySet[Any]], QuerySet[Any]],
    of: str = "",
) -> _Handler:
    """Make an action of a list that asks about what `select` makes of the selection."""

    def ask(
        model_admin: Any, request: HttpRequest, queryset: QuerySet[Any]
    ) -> HttpResponse | None:
        most = _most(action)
        selected = list(select(queryset).order_by("-pk")[: most + 1])
        if len(selected) > most:
            messages.error(request, f"Select at most {most}.")
            return None
        return _confirmation(request, action, selected)

    verb = {Action.SUSPEND: "Suspend", Action.REINSTATE: "Reinstate"}.get(
        action, action.label
    )
    # The admin knows actions by their names.
    ask.__name__ = f"{action}_{'owners' if of else 'selected'}"
    label = f"{verb} {of}the selected %(verbose_name_plural)s"
    return admin.action(ask, description=label, permissions=[permission])


def _most(action: Action) -> int:
    return _MOST.get(action, _MOST_OTHERWISE)
