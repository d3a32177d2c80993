"""The things that the routes of the permission matrix are about; the owner's."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.utils import timezone

from accounts.models import FailedSignIn, Invitation, Session, User
from images.models import Decision, Image, Report
from images.outbox.models import DeletionReceipt, PendingDeletion
from mediabackend.db.ids import uuid7
from mediabackend.events.models import Event, Kind
from mediabackend.models import BackgroundTask


def make_objects(owner: User) -> dict[str, Any]:
    """Create a thing for each parameter: the path up to it -> what stands there."""
    rows = _admin_rows(owner)
    session = owner.sessions.first() or _session(owner)
    return {
        "/api/v1/images/{pk}": rows["images.Image"].pk,
        "/api/v1/users/me/sessions/{pk}": session.pk,
        "/accounts/sessions/{pk}": session.pk,
        "/api/v1/deletions/{pk}": DeletionReceipt.objects.create(user=owner).pk,
        "/api/v1/uploads/{pk}": uuid7(),
        "/admin/images/decision/image/{pk}": rows["images.Image"].pk,
        "/admin/images/decision/user/{pk}": owner.pk,
        "/api/v1/users/{id}": owner.pk,
        # No link of a mail: those work for whoever has them.
        "/accounts/reset/{uidb64}": "x",
        "/accounts/verify/{uidb64}": "x",
        "/accounts/email/{uidb64}": "x",
        "/accounts/sign-up/{token}": "x",
        # The content type is one with numbers for keys, and no row has this one.
        "/admin/r/{content_type_id}": _type_of(PendingDeletion).pk,
        "/admin/{app_label}": "images",
        "/admin/{url}": "nowhere",
        "/admin/accounts/user/{id}": owner.pk,
        "/_imagekit/{path}": "nowhere.jpg",
        **{
            f"/admin/{label.lower().replace('.', '/')}/{{object_id}}": row.pk
            for label, row in rows.items()
        },
    }


def _type_of(model: type[Model]) -> ContentType:
    return ContentType.objects.get_for_model(model)


def admin_labels() -> set[str]:
    return {model._meta.label for model in admin.site._registry}


def _admin_rows(owner: User) -> dict[str, Model]:
    """Create a row of each model in the admin."""
    measures = {"width": 64, "height": 48, "size": 1, "format": "jpeg"}
    image = Image.objects.create(owner=owner, file="x/y~id.jpg", **measures)
    rows = [
        owner,
        Group.objects.create(name="Readers"),
        image,
        Report.objects.create(image=image, reason="spam"),
        Decision.objects.create(action="approve", image_id=image.pk, user_id=owner.pk),
        PendingDeletion.objects.create(name="x/z~id.jpg", reason="deleted"),
        Event.objects.create(kind=Kind.USER_CREATED, subject=owner.pk),
        FailedSignIn.objects.create(
            account=owner.email, network="192.0.2.1", number=1, last_at=timezone.now()
        ),
        Invitation.objects.create(expires_at=timezone.now()),
        BackgroundTask.objects.create(
            args_kwargs={"args": [], "kwargs": {}},
            task_path="images.outbox.deletion.sweep_task",
            backend_name="default",
            run_after=timezone.now(),
            exception_class_path="",
            traceback="",
        ),
    ]
    return {row._meta.label: row for row in rows}


def _session(user: User) -> Session:
    now = timezone.now()
    return Session.objects.create(
        user=user,
        current_jti="x",
        created_at=now,
        last_used_at=now,
        expires_at=now + timedelta(days=1),
    )
