"""The pages on which moderators decide: the queue, one image, one user."""

from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from images.models import Action, Decision, Image, State
from images.moderation.desk.decision_requests import DecisionRequest, Refused
from images.moderation.desk.forms import (
    NOTES,
    DecisionForm,
    ImageDecisionForm,
    QueueForm,
)
from images.moderation.desk.queue import QueuePosition, reported_images
from images.moderation.log import is_suspended
from images.moderation.notices import tell_owners_soon
from images.moderation.permissions import MODERATE, SUSPEND, visible_name
from images.services.renditions import build_rendition

QUEUE = "admin:images_decision_queue"
# The line in Django's log of the admin.
OPENED = "Opened a private picture."
_NEWEST_REPORTS, _NEWEST_DECISIONS = 20, 10


@require_GET
@permission_required(MODERATE, raise_exception=True)
def queue(request: HttpRequest) -> HttpResponse:
    """Show the next image of the queue."""
    form = QueueForm(request.GET, request.user)
    try:
        after = QueuePosition.parse(request.GET.get("after", ""))
    except ValueError:
        after = None
    image = form.queue_filter().next(after) if form.is_valid() else None
    context = {
        "title": "Queue",
        "queue_form": form,
        "reported": reported_images().count(),
        "start": f"{reverse(QUEUE)}?{form.query_string()}",
        "after": after,
    }
    if image:
        following = f"{reverse(QUEUE)}?{form.query_string(QueuePosition.of(image))}"
        context |= image_context(request, image, following)
    return _page(request, "admin/moderation/queue.html", context)


@permission_required(MODERATE, raise_exception=True)
def image_page(
    request: HttpRequest,
    pk: UUID,
    form: DecisionForm | None = None,
    *,
    opened: bool = False,
) -> HttpResponse:
    """Show an image and the decisions that are possible; `form` is one with errors."""
    image = get_object_or_404(_reviewable(request).select_related("owner"), pk=pk)
    context = {"title": "Image", "form": form}
    context |= image_context(request, image, _next_page(request), opened=opened)
    return _page(request, "admin/moderation/image.html", context)


@require_POST
def decide_on_image(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """Decide on an image, then go to `next`; after a refusal show the image again."""
    form = ImageDecisionForm(request.POST)
    if not form.is_valid():
        return image_page(request, pk, form)
    following = _next_page(request)
    decision = DecisionRequest(cast(User, request.user), form)
    page = reverse("admin:images_decision_image", args=[pk])
    try:
        decision.decide_on_image(
            pk, form.cleaned_data["seen"], form.cleaned_data["file"]
        )
    except Refused as refused:
        messages.error(request, str(refused))
        if _reviewable(request).filter(pk=pk).exists():
            return redirect(f"{page}?{urlencode({'next': following})}")
    else:
        # An approved private image is out of sight.
        found = _reviewable(request).filter(pk=pk).exists()
        tell_owners_soon()
        _tell_done(request, decision, page if found else "", f"image {str(pk)[-8:]}")
    return redirect(following)


@require_POST
def open_picture(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a superuser a picture that only its owner may look at, and log it."""
    if not request.user.is_superuser:
        raise PermissionDenied
    image = get_object_or_404(_reviewable(request), pk=pk)
    if image.is_confidential:
        LogEntry.objects.log_actions(
            request.user.pk, [image], CHANGE, OPENED, single_object=True
        )
    return image_page(request, pk, opened=True)


@permission_required(SUSPEND, raise_exception=True)
def user_page(
    request: HttpRequest, pk: UUID, form: DecisionForm | None = None
) -> HttpResponse:
    """Show a user, with a form to suspend or to reinstate them."""
    owner = get_object_or_404(User, pk=pk)
    context = {"title": "User", "form": form, "next": _next_page(request)}
    context |= owner_context(request, owner)
    return _page(request, "admin/moderation/user.html", context)


@require_POST
def decide_on_user(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """Suspend or reinstate a user, then go to `next`."""
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return user_page(request, pk, form)
    decision = DecisionRequest(cast(User, request.user), form)
    page = reverse("admin:images_decision_user", args=[pk])
    try:
        decision.decide_on_user(pk)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        tell_owners_soon()
        _tell_done(request, decision, page, f"user {str(pk)[-8:]}")
    return redirect(_next_page(request))


def image_context(
    request: HttpRequest, image: Image, following: str, *, opened: bool = False
) -> dict[str, Any]:
    """Return the template context of an image and of the decisions on it.

    The picture of a confidential image is left out unless it was `opened`.
    """
    hidden = image.is_confidential and not opened
    reports = image.reports.select_related("reporter")[:_NEWEST_REPORTS]
    return {
        "image": image,
        "preview_url": "" if hidden else build_rendition(image, 1280),
        "taken_down": image.state == State.TAKEN_DOWN,
        "reports": [
            (
                report,
                visible_name(report.reporter, request.user) if report.reporter else "",
            )
            for report in reports
        ],
        "next": following,
        **owner_context(request, image.owner),
    }


def owner_context(request: HttpRequest, owner: User) -> dict[str, Any]:
    """Return the template context of a user and of the decisions about them."""
    decisions = Decision.objects.filter(user_id=owner.pk)
    counts = decisions.order_by().values_list("action").annotate(number=Count("pk"))
    return {
        "owner": owner,
        "reasons": list(NOTES.items()),
        "owner_name": visible_name(owner, request.user),
        "history": decisions.annotate(
            image_exists=Exists(Image.objects.filter(pk=OuterRef("image_id")))
        )[:_NEWEST_DECISIONS],
        "counts": [(Action(action).label, number) for action, number in counts],
        "may_suspend": request.user.has_perm(SUSPEND)
        and owner.is_active
        and not owner.is_superuser
        and owner.pk != request.user.pk,
        "may_reinstate": request.user.has_perm(SUSPEND)
        and not owner.is_active
        and is_suspended(owner.pk),
    }


def _page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    status = 400 if context.get("form") else 200
    context = {**admin.site.each_context(request), "opts": Decision._meta, **context}
    return TemplateResponse(request, template, context, status=status)


def _reviewable(request: HttpRequest) -> Any:
    return Image.objects.reviewable_by(request.user)


def _tell_done(
    request: HttpRequest, decision: DecisionRequest, page: str, name: str
) -> None:
    link = '{}: <a href="{}">{}</a>.' if page else "{}: {}{}."
    messages.success(request, format_html(link, decision.kind.done, page, name))


def _next_page(request: HttpRequest) -> str:
    """Return `next` if it is a page of this site, else the URL of the queue."""
    url = (request.POST or request.GET).get("next", "")
    ours = url_has_allowed_host_and_scheme(url, allowed_hosts=None)
    return url if ours else reverse(QUEUE)
