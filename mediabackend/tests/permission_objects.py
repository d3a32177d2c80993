"""The things that the routes of the permission matrix are about; the owner's."""

from datetime import timedelta
from typing import Any

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Model
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.models import Session, User
from images.models import Image, PendingDeletion


def make_objects(owner: User) -> dict[str, Any]:
    """Create a thing for each parameter: the path up to it -> what stands there."""
    rows = _admin_rows(owner)
    session = owner.sessions.first() or _session(owner)
    return {
        "/api/v1/images/{pk}": rows["images.Image"].pk,
        "/api/v1/users/me/sessions/{pk}": session.pk,
        "/api/v1/users/{id}": owner.pk,
        # No link of a mail: those work for whoever has them.
        "/accounts/reset/{uidb64}": "x",
        "/accounts/verify/{uidb64}": "x",
        "/accounts/email/{uidb64}": "x",
        "/admin/r/{content_type_id}": 1,
        "/admin/{app_label}": "images",
        "/admin/{url}": "nowhere",
        "/admin/accounts/user/{id}": owner.pk,
        "/_imagekit/{path}": "nowhere.jpg",
        **{
            f"/admin/{label.lower().replace('.', '/')}/{{object_id}}": row.pk
            for label, row in rows.items()
        },
    }


def admin_labels() -> set[str]:
    return {model._meta.label for model in admin.site._registry}


def _admin_rows(owner: User) -> dict[str, Model]:
    """Create a row of each model in the admin."""
    attempt = {"username": owner.email, "ip_address": "192.0.2.1"}
    measures = {"width": 64, "height": 48, "size": 1, "format": "jpeg"}
    rows = [
        owner,
        Group.objects.create(name="Readers"),
        Image.objects.create(owner=owner, file="x/y.jpg#id", **measures),
        PendingDeletion.objects.create(name="x/z.jpg#id", reason="deleted"),
        AccessAttempt.objects.create(**attempt, failures_since_start=1),
        AccessLog.objects.create(**attempt),
        AccessFailureLog.objects.create(**attempt),
        DBTaskResult.objects.create(
            args_kwargs={"args": [], "kwargs": {}},
            task_path="images.deletion.sweep_task",
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
