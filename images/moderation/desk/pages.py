"""The pages at which moderators decide: the queue, one image, one user."""

from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from images.models import Action, Decision, Image, State, Violation
from images.moderation.decisions import is_suspended
from images.moderation.desk.clicks import DONE, Click, Refused
from images.moderation.desk.forms import (
    NOTES,
    DecisionForm,
    ImageDecisionForm,
    QueueForm,
)
from images.moderation.desk.queue import Place, number_reported
from images.moderation.rights import MODERATE, PERMISSIONS, SUSPEND, name_of

QUEUE = "admin:images_decision_queue"
_NEWEST_REPORTS, _NEWEST_DECISIONS = 20, 10


@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """Show the image that comes next."""
    _check(request, MODERATE)
    form = QueueForm(request.GET, request.user)
    try:
        after = Place.parse(request.GET["after"]) if "after" in request.GET else None
    except ValueError:
        after = None
    image = form.choice().next(after) if form.is_valid() else None
    following = f"{reverse(QUEUE)}?{form.query(Place.of(image))}" if image else ""
    context = {
        "title": "Queue",
        "queue_form": form,
        "reported": number_reported(),
        "start": f"{reverse(QUEUE)}?{form.query()}",
        "after": after,
    }
    if image:
        context |= image_context(request, image, following)
    return _page(request, "admin/moderation/queue.html", context)


@require_GET
def image_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one image, to decide on it."""
    _check(request, MODERATE)
    return _image_page(request, pk, _next_page(request.GET.get("next", "")))


@require_POST
def decide_on_image(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """Take a decision, then go on to `next`; what is refused is shown again."""
    form = ImageDecisionForm(request.POST)
    following = _next_page(request.POST.get("next", ""))
    if not form.is_valid():
        _check(request, MODERATE)
        return _image_page(request, pk, following, form)
    click = _click(request, form)
    page = reverse("admin:images_decision_image", args=[pk])
    try:
        if PERMISSIONS[click.action] == SUSPEND:
            raise PermissionDenied
        click.on_image(pk, form.cleaned_data["seen"], form.cleaned_data["file"])
    except Refused as refused:
        messages.error(request, str(refused))
        if Image.objects.filter(pk=pk).exists():
            return redirect(f"{page}?{urlencode({'next': following})}")
    else:
        done = DONE[click.action]
        link = '{}: <a href="{}">image {}</a>.'
        messages.success(request, format_html(link, done, page, str(pk)[-8:]))
    return redirect(following)


@require_GET
def user_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show what was decided about a user, to suspend or to reinstate them."""
    _check(request, SUSPEND)
    return _user_page(request, pk, _next_page(request.GET.get("next", "")))


@require_POST
def decide_on_user(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """Suspend or reinstate a user, then go on to `next`."""
    form = DecisionForm(request.POST)
    following = _next_page(request.POST.get("next", ""))
    if not form.is_valid():
        _check(request, SUSPEND)
        return _user_page(request, pk, following, form)
    click = _click(request, form)
    page = reverse("admin:images_decision_user", args=[pk])
    try:
        if PERMISSIONS[click.action] == MODERATE:
            raise PermissionDenied
        click.on_user(pk)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect(following)
    link = '{}: <a href="{}">user {}</a>.'
    done = DONE[click.action]
    messages.success(request, format_html(link, done, page, str(pk)[-8:]))
    return redirect(following)


def image_context(request: HttpRequest, image: Image, following: str) -> dict[str, Any]:
    """Return what the templates need to show an image and to decide on it."""
    reports = image.reports.select_related("reporter")[:_NEWEST_REPORTS]
    return {
        "image": image,
        "preview_url": image.url(f"w-{min(1280, image.width)},f-auto"),
        "taken_down": image.state == State.TAKEN_DOWN,
        "reports": [
            (report, name_of(report.reporter, request.user) if report.reporter else "")
            for report in reports
        ],
        "next": following,
        **owner_context(request, image.owner),
    }


def owner_context(request: HttpRequest, owner: User) -> dict[str, Any]:
    """Return what the templates need to show what was decided about a user."""
    decisions = Decision.objects.filter(user_id=owner.pk)
    counts = decisions.order_by().values_list("action").annotate(number=Count("pk"))
    return {
        "owner": owner,
        "reasons": [(reason, NOTES[reason]) for reason in Violation],
        "owner_name": name_of(owner, request.user),
        "history": decisions[:_NEWEST_DECISIONS],
        "counts": [(Action(action).label, number) for action, number in counts],
        "may_suspend": request.user.has_perm(SUSPEND)
        and owner.is_active
        and not owner.is_superuser
        and owner.pk != request.user.pk,
        "may_reinstate": request.user.has_perm(SUSPEND)
        and not owner.is_active
        and is_suspended(owner.pk),
    }


def _image_page(
    request: HttpRequest,
    pk: UUID,
    following: str,
    form: DecisionForm | None = None,
) -> HttpResponse:
    image = get_object_or_404(Image.objects.select_related("owner"), pk=pk)
    context = {"title": "Image", "form": form}
    context |= image_context(request, image, following)
    return _page(request, "admin/moderation/image.html", context, form)


def _user_page(
    request: HttpRequest,
    pk: UUID,
    following: str,
    form: DecisionForm | None = None,
) -> HttpResponse:
    owner = get_object_or_404(User, pk=pk)
    context = {"title": "User", "form": form, "next": following}
    context |= owner_context(request, owner)
    return _page(request, "admin/moderation/user.html", context, form)


def _page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    form: DecisionForm | None = None,
) -> HttpResponse:
    context = {**admin.site.each_context(request), "opts": Decision._meta, **context}
    return TemplateResponse(request, template, context, status=400 if form else 200)


def _click(request: HttpRequest, form: DecisionForm) -> Click:
    fields = form.cleaned_data
    by = cast(User, request.user)
    click = Click(Action(fields["action"]), by, fields["reason"], fields["note"])
    click.check_permission()
    return click


def _check(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied


def _next_page(url: str) -> str:
    """Return `url` if it is a page of ours, else the queue."""
    ours = url_has_allowed_host_and_scheme(url, allowed_hosts=None)
    return url if ours else reverse(QUEUE)
