"""Rows with the longest values that each column of the admin can have."""

import subprocess
import sys
from pathlib import Path

from e2e.servers import Server

LONGEST_EMAIL = f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 57}.com"

# Run by the server's own `manage.py shell`, as no API makes some of these rows. Words
# without spaces are what pages break at last.
_MAKE_ROWS = f"""
import uuid
from datetime import timedelta
from django.contrib.auth.models import Group
from django.utils import timezone
from accounts.models import FailedSignIn, Invitation, User
from images.models import Decision, Image, Report
from images.outbox.models import PendingDeletion
from mediabackend.events.models import Event
from mediabackend.models import BackgroundTask
now = timezone.now()
email = "{LONGEST_EMAIL}"
owner = User.objects.filter(email=email).first() or User.objects.create_user(
    email, "x" * 20, display_name="W" * 100, item_count=4294967, stored_bytes=2**40)
Group.objects.get_or_create(name="G" * 150)
word = "W" * 1000
for state in ("visible", "hidden", "taken_down"):
    image = Image.objects.create(
        owner=owner, file="x/y~id.jpg", caption="W" * 2200, alt_text=word,
        width=20000, height=20000, size=1023 * 1024, format="jpeg", state=state,
        visibility="unlisted", open_reports=12345, state_reason="harassment",
        state_note=word, state_since=now)
    Report.objects.create(image=image, reporter=owner, reason="resembles_removed",
        details=word)
    Decision.objects.create(action="take_down", reason="harassment", note=word,
        moderator_name="W" * 100, image_id=image.pk, user_id=owner.pk)
PendingDeletion.objects.create(name="u/" + "n" * 250, reason="taken_down",
    attempts=12345, last_error="ImageKit answered 401: " + "E" * 270,
    due_at=now + timedelta(days=9))
Event.objects.create(kind="user.reinstated", subject=uuid.uuid4(), owner=uuid.uuid4(),
    state="failed", attempts=12345, last_error="E" * 300, finished_at=now)
FailedSignIn.objects.get_or_create(account=email, network="2001:db8:ffff:ffff::/64",
    defaults=dict(number=1234567, last_at=now, ip="2001:db8" + ":ffff" * 6,
        path="/" + "p" * 199, agent="A" * 300))
Invitation.objects.get_or_create(email=email, defaults=dict(expires_at=now, used_at=now,
    used_by=owner))
BackgroundTask.objects.create(
    args_kwargs={{"args": ["W" * 500], "kwargs": {{}}}},
    task_path="m." * 20 + "t" * 150, backend_name="default", run_after=now,
    exception_class_path="e." + "x" * 200,
    traceback="T" * 500)
"""


def make_longest_rows(server: Server, code: Path) -> None:
    """Add a row of each model that the admin shows."""
    subprocess.run(
        [sys.executable, "manage.py", "shell", "-v", "0", "-c", _MAKE_ROWS],
        cwd=code,
        env=server.processes()[0].environ(),
        check=True,
    )
