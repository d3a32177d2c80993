"""Decisions on images and users. Each is one transaction with its line in the log.

The owner is told by mail, unless `tell_owner` is false: the decision only notes the
mail. Call `notices.tell_owners_soon` after one decision or many.

Files are moved afterwards, see `quarantine`: a decision holds at once, whether or
not ImageKit answers.
"""

from collections.abc import Callable
from typing import Unpack
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services.staff_rights import may_manage
from images.models import Action, Decision, Image, RemovedPicture, Report, State
from images.moderation.log import Grounds, Words, is_suspended, log_decision
from images.moderation.quarantine import quarantine_soon
from images.outbox.models import PendingDeletion
from images.services.exchange import ImageChanged
from images.services.locking import lock_image, write_image
from images.services.update import moving_quarantine

_DECIDED = "Somebody else decided on this image meanwhile. Nothing was changed."
_REPLACED = "The owner has replaced the picture meanwhile. Nothing was changed."


class NotPossible(Exception):
    """The state of the image or user does not allow it; the message says why."""


def approve_image(
    *, image: UUID, by: User, seen: int, file: str | None = None, **words: Unpack[Words]
) -> Decision:
    """Close the reports, and show the image again if they had hidden it.

    `seen` is the number of decisions that the image had when the moderator opened it,
    `file` the name of its file, which is not compared when it is None. Raises
    NotPossible and Image.DoesNotExist.
    """

    def new_state(row: Image) -> State:
        if row.state == State.TAKEN_DOWN:
            raise NotPossible("The image is taken down. Restore it instead.")
        return State.VISIBLE

    return _decide(Action.APPROVE, image, by, seen, new_state, file=file, **words)


def take_down_image(
    *,
    image: UUID,
    by: User,
    seen: int,
    file: str | None = None,
    **grounds: Unpack[Grounds],
) -> Decision:
    """Hide the image from everybody at once, and its file from the CDN soon after.

    From then on the same picture is refused, and similar ones are reported. For `seen`,
    `file` and the errors see `approve_image`.
    """

    def new_state(row: Image) -> State:
        if row.state == State.TAKEN_DOWN:
            raise NotPossible("The image is taken down already.")
        RemovedPicture.objects.get_or_create(
            image_id=row.pk,
            defaults={
                "reason": grounds["reason"],
                "sha256": row.sha256,
                "perceptual_hash": row.perceptual_hash,
            },
        )
        return State.TAKEN_DOWN

    decision = _decide(
        Action.TAKE_DOWN, image, by, seen, new_state, file=file, **grounds
    )
    quarantine_soon()
    return decision


def restore_image(
    *, image: UUID, by: User, seen: int, **words: Unpack[Words]
) -> Decision:
    """Undo a take-down: move the file back, under a new path, then show the image.

    Raises StorageError and ImageChanged besides, and leaves the image taken down. For
    `seen` and the other errors see `approve_image`.
    """
    found = Image.objects.get(pk=image)
    if found.state != State.TAKEN_DOWN:
        raise NotPossible("The image is not taken down.")
    if found.decision_count != seen:
        raise NotPossible(_DECIDED)

    def new_state(row: Image) -> State:
        if row.state != State.TAKEN_DOWN:
            raise NotPossible("The image is not taken down.")
        if row.quarantined_at:
            # The sweep has moved the file into quarantine since `found` was read. It
            # must not be shown from there.
            raise ImageChanged
        RemovedPicture.objects.filter(image_id=row.pk).delete()
        return State.VISIBLE

    if found.quarantined_at is None:
        # The sweep has not moved the file into quarantine yet.
        return _decide(Action.RESTORE, image, by, seen, new_state, **words)
    with moving_quarantine(image=found, quarantined_at=None):
        return _decide(Action.RESTORE, image, by, seen, new_state, **words)


def delete_image(
    *,
    image: UUID,
    by: User,
    seen: int,
    file: str | None = None,
    **grounds: Unpack[Grounds],
) -> Decision:
    """Delete an image for good, with its file and the CDN's copies.

    For `seen`, `file` and the errors see `approve_image`.
    """
    with transaction.atomic():
        row = _lock_as_seen(image, seen, file)
        reports = row.reports.filter(closed_at=None)
        owner = row.owner_id
        # First, as the reports go with the image.
        decision = log_decision(
            Action.DELETE, by, owner, image, reports=reports, **grounds
        )
        Image.objects.filter(pk=image).delete(reason=PendingDeletion.Reason.BY_STAFF)
        return decision


def suspend_user(*, user: UUID, by: User, **grounds: Unpack[Grounds]) -> Decision:
    """End a user's sign-ins and hide their images.

    Raises NotPossible and User.DoesNotExist.
    """
    with transaction.atomic():
        found = User.objects.select_for_update().get(pk=user)
        if found.is_superuser or found.pk == by.pk:
            raise NotPossible("You cannot suspend yourself or an administrator.")
        guarded = found.is_staff and not by.is_superuser
        if guarded or not may_manage(by, found):
            raise NotPossible("Only an administrator can suspend another moderator.")
        if not found.is_active:
            raise NotPossible("The user is suspended already.")
        # This ends the user's sign-ins, too.
        User.objects.filter(pk=user).update(is_active=False)
        reports = Report.objects.filter(image__owner=user)
        return log_decision(Action.SUSPEND, by, user, reports=reports, **grounds)


def reinstate_user(*, user: UUID, by: User, **words: Unpack[Words]) -> Decision:
    """Let a suspended user sign in again, and show their images.

    Raises NotPossible, also for a user whom an administrator has deactivated, and
    User.DoesNotExist.
    """
    with transaction.atomic():
        found = User.objects.select_for_update().get(pk=user)
        if found.is_active or not is_suspended(user):
            raise NotPossible("The user is not suspended.")
        # Whoever may change these users can also activate them in their admin.
        guarded = found.is_staff and not by.has_perm("accounts.change_user")
        if guarded or not may_manage(by, found):
            raise NotPossible("Only an administrator can reinstate another moderator.")
        User.objects.filter(pk=user).update(is_active=True)
        reports = Report.objects.none()
        return log_decision(Action.REINSTATE, by, user, reports=reports, **words)


def hide_image(image: Image, note: str) -> Decision:
    """Hide an image until a moderator reviews it; no person decides this."""

    def new_state(row: Image) -> State:
        if row.state != State.VISIBLE:
            raise NotPossible("The image is not visible.")
        return State.HIDDEN

    seen = image.decision_count
    return _decide(Action.HIDE, image.pk, None, seen, new_state, note=note)


def _decide(
    action: Action,
    image: UUID,
    by: User | None,
    seen: int,
    new_state: Callable[[Image], State],
    *,
    file: str | None = None,
    tell_owner: bool = True,
    **texts: str,
) -> Decision:
    """Lock the image, give it the state that `new_state` returns, and log the decision.

    The texts are those of `Grounds`. Raises what `approve_image` and `new_state` raise.
    """
    with transaction.atomic():
        row = _lock_as_seen(image, seen, file)
        state = new_state(row)
        is_visible = state == State.VISIBLE
        changes = {
            "state": state,
            "state_since": timezone.now(),
            "state_reason": "" if is_visible else texts.get("reason", ""),
            "state_note": "" if is_visible else texts.get("note", ""),
            "decision_count": row.decision_count + 1,
            "reviewed": action is not Action.HIDE,
        }
        reports = row.reports.filter(closed_at=None)
        # A decision that changes nothing for the owner needs no mail.
        tell_owner = tell_owner and state != row.state
        owner, key = row.owner_id, row.pk
        decision = log_decision(
            action, by, owner, key, tell_owner=tell_owner, reports=reports, **texts
        )
        if action is not Action.HIDE:
            changes["open_reports"] = 0
            reports.update(closed_at=timezone.now())
        write_image(row, changes)
        return decision


def _lock_as_seen(image: UUID, seen: int, file: str | None) -> Image:
    """Lock the image's row, which nobody may have changed since it was looked at."""
    row = lock_image(Image.objects.get(pk=image))
    if row.decision_count != seen:
        raise NotPossible(_DECIDED)
    if file is not None and row.file.name != file:
        raise NotPossible(_REPLACED)
    return row
