"""The state machine: users, operators, faults and crashes."""

from datetime import timedelta
from io import StringIO

from django.core.management import CommandError, call_command
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from accounts.models import User
from imagekit_emulator.control_api import clear_everything
from imagekit_emulator.faults import Fault
from imagekit_emulator.transport import get_app
from images.models import Image
from images.outbox.models import DeletionReceipt, PendingDeletion
from images.tests.consistency.crashing import Crash, crashing_at
from images.tests.consistency.faults import KINDS, REMOTE
from images.tests.consistency.operations import PASSWORD
from images.tests.consistency.sides import (
    assert_all_is_named,
    assert_sides_are_equal,
    let_time_pass,
    sweep_to_the_end,
)
from images.tests.consistency.users_machine import ANY, UsersMachine


class Machine(UsersMachine):
    """Users with images: no acknowledged change is lost, a row names each file."""

    def __init__(self) -> None:
        super().__init__()
        self.admin = User.objects.create_superuser("admin@example.com", PASSWORD)

    @precondition(UsersMachine.has_images)
    @rule(who=ANY)
    def delete_in_admin(self, who: int) -> None:
        person = self.one_with_images(who)
        doomed = min(map(str, person.images))
        left = {key: one for key, one in person.images.items() if key != doomed}
        client = Client(raise_request_exception=False)
        client.force_login(self.admin)
        image = Image.objects.get(pk=doomed)
        body = {
            "action": "delete",
            "reason": "spam",
            "item": f"{doomed}_{image.decision_count}_{image.file.name}",
        }
        url = "/admin/images/decision/many/"
        self.attempt(person, lambda: client.post(url, body), 302, left)

    @precondition(UsersMachine.has_images)
    @rule(who=ANY)
    def delete_in_shell(self, who: int) -> None:
        person = self.one_with_images(who)
        owned = Image.objects.filter(owner=person.scene.owner)

        def delete() -> HttpResponse:
            owned.delete()
            return HttpResponse(status=204)

        self.attempt(person, delete, 204, {})

    @rule(
        remote=st.sampled_from(REMOTE),
        kind=st.sampled_from(sorted(KINDS)),
        every=st.sampled_from([1, 2]),
    )
    def disturb(self, remote: str, kind: str, every: int) -> None:
        get_app().faults.add(Fault(remote, every=every, **KINDS[kind]))
        self.disturbed = True

    @rule()
    def calm(self) -> None:
        get_app().faults.clear()
        self.disturbed = False

    @rule(step=st.integers(1, 60))
    def crash_soon(self, step: int) -> None:
        """Let the next operation crash at this step, if it has so many steps."""
        self.fuse = step

    @rule(grace=st.sampled_from([0, None]))
    def sweep(self, grace: int | None) -> None:
        try:
            with crashing_at(self.light_fuse()):
                if grace == 0:
                    sweep_to_the_end()
                else:
                    call_command("sweep_files", stdout=StringIO())
        except Crash:
            return
        under_way = PendingDeletion.objects.filter(not_before__gt=timezone.now())
        if grace == 0 and not self.disturbed and not under_way.exists():
            assert_sides_are_equal()

    @rule()
    def reconcile(self) -> None:
        """Check that there is nothing to repair, whatever has happened before."""
        try:
            with crashing_at(self.light_fuse()):
                call_command(
                    "reconcile_files",
                    fix=True,
                    older_than=timedelta(),
                    stdout=StringIO(),
                )
        except Crash:
            return
        except CommandError:
            assert self.disturbed, "it could not read what was there"

    @invariant()
    def all_is_named_and_nothing_is_lost(self) -> None:
        assert_all_is_named()
        for person in self.people:
            assert person.stored() == person.images

    def teardown(self) -> None:
        """Sweep, compare both sides, and clean up for the next sequence."""
        try:
            get_app().faults.clear()
            let_time_pass()
            sweep_to_the_end()
            assert_sides_are_equal()
        finally:
            # This orders purges, so what ImageKit has comes last.
            User.objects.all().delete()
            PendingDeletion.objects.all().delete()
            DeletionReceipt.objects.all().delete()
            clear_everything(get_app().services)
