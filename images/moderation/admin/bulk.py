"""Decisions on many images or users at once: actions of the lists in the admin.

An action opens a page that shows what was selected and asks for the reason; that
page sends the decision, with the number of decisions that each image had on it.
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
from images.models import Action, Image, Violation
from images.moderation.desk.clicks import DONE, Click, Refused
from images.moderation.desk.forms import NOTES, DecisionForm
from images.moderation.rights import name_of

# Restoring is a download and an upload each.
_MOST = {Action.RESTORE: 20}
_MOST_OTHERWISE = 100
_TITLES = {
    Action.APPROVE: "Approve images",
    Action.TAKE_DOWN: "Take images down",
    Action.RESTORE: "Restore images",
    Action.SUSPEND: "Suspend users",
    Action.REINSTATE: "Reinstate users",
}


@dataclass(frozen=True)
class Row:
    """What is decided on: a user, or an image of theirs."""

    user: User
    image: Image | None = None

    def __str__(self) -> str:
        """Return what the page sends back: the id, and what was seen of an image."""
        if self.image is None:
            return str(self.user.pk)
        return f"{self.image.pk}_{self.image.decision_count}_{self.image.file.name}"

    def thumbnail(self) -> str:
        return self.image.url("w-160,h-160,fo-auto,f-auto") if self.image else ""


_Handler = Callable[[Any, HttpRequest, QuerySet[Any]], HttpResponse | None]


def image_action(action: Action) -> _Handler:
    """Make an action of the list of images that decides on the selected ones."""

    def ask(
        model_admin: Any, request: HttpRequest, queryset: QuerySet[Image]
    ) -> HttpResponse | None:
        images = queryset.select_related("owner").order_by("-pk")
        rows = [Row(image.owner, image) for image in images[: _most(action) + 1]]
        return _ask(request, action, rows)

    return _named(ask, action, "moderate")


def owner_action(action: Action) -> _Handler:
    """Make an action of the list of images that decides on their owners."""

    def ask(
        model_admin: Any, request: HttpRequest, queryset: QuerySet[Image]
    ) -> HttpResponse | None:
        owners = User.objects.filter(pk__in=queryset.order_by().values("owner"))
        return _ask_about_users(request, action, owners)

    return _named(ask, action, "suspend", "the owners of ")


def user_action(action: Action) -> _Handler:
    """Make an action of the list of users."""

    def ask(
        model_admin: Any, request: HttpRequest, queryset: QuerySet[User]
    ) -> HttpResponse | None:
        return _ask_about_users(request, action, queryset)

    return _named(ask, action, "suspend")


@require_POST
def decide_on_many(request: HttpRequest) -> HttpResponseBase:
    """Decide on each row by itself, and tell what has come of them."""
    form = DecisionForm(request.POST)
    given = request.POST.getlist("row")
    if not form.is_valid():
        # The page's own fields cannot be that wrong.
        raise BadRequest("A reason is missing.")
    action = Action(form.cleaned_data["action"])
    if len(given) > _most(action):
        raise BadRequest("Too many rows.")
    by = cast(User, request.user)
    click = Click(action, by, form.cleaned_data["reason"], form.cleaned_data["note"])
    click.check_permission()
    refused: Counter[str] = Counter()
    for row in given:
        try:
            _decide_on(click, row)
        except Refused as error:
            refused[str(error)] += 1
    done = len(given) - refused.total()
    if done:
        messages.success(request, f"{DONE[action]}: {done}.")
    for reason, number in refused.items():
        messages.error(request, f"{number} not: {reason}")
    users = action in (Action.SUSPEND, Action.REINSTATE)
    sees_users = users and by.has_module_perms("accounts")
    return redirect(
        "admin:accounts_user_changelist"
        if sees_users
        else "admin:images_image_changelist"
    )


def _decide_on(click: Click, row: str) -> None:
    try:
        if click.action in (Action.SUSPEND, Action.REINSTATE):
            click.on_user(UUID(row))
        else:
            key, seen, file = row.split("_", 2)
            click.on_image(UUID(key), int(seen), file)
    except ValueError as error:
        raise BadRequest("A row is garbled.") from error


def _ask_about_users(
    request: HttpRequest, action: Action, users: QuerySet[User]
) -> HttpResponse | None:
    found = users.order_by("-pk")[: _most(action) + 1]
    return _ask(request, action, [Row(user) for user in found])


def _ask(request: HttpRequest, action: Action, rows: list[Row]) -> HttpResponse | None:
    if len(rows) > _most(action):
        messages.error(request, f"Select {_most(action)} at most.")
        return None
    context = {
        **admin.site.each_context(request),
        "title": _TITLES[action],
        "action": action,
        "rows": [(row, name_of(row.user, request.user)) for row in rows],
        "needs_reason": action in (Action.TAKE_DOWN, Action.SUSPEND),
        "reasons": [(reason, NOTES[reason]) for reason in Violation],
    }
    return TemplateResponse(request, "admin/moderation/bulk.html", context)


def _named(ask: _Handler, action: Action, permission: str, of: str = "") -> _Handler:
    """Give the handler the name and the label that the admin knows it by."""
    verb = {Action.SUSPEND: "Suspend", Action.REINSTATE: "Reinstate"}.get(
        action, action.label
    )
    what = "%(verbose_name_plural)s"
    ask.__name__ = f"{action}_{'owners' if of else 'selected'}"
    label = f"{verb} {of}the selected {what}"
    return admin.action(ask, description=label, permissions=[permission])


def _most(action: Action) -> int:
    return _MOST.get(action, _MOST_OTHERWISE)
