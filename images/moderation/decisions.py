"""What moderators decide. Each decision is one transaction with its line in the log.

Files are moved afterwards, see `quarantine`: a decision holds at once, whether or
not ImageKit answers.
"""

from collections.abc import Callable
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from images.models import Action, Decision, Image, Reason, RemovedPicture, State
from images.moderation.quarantine import quarantine_soon
from images.services.exchange import ImageChanged
from images.services.locking import lock_image, write_image
from images.services.move import moving_quarantine

_DECIDED = [
    "reviewed",
    "state",
    "state_since",
    "state_reason",
    "state_note",
    "decision_count",
    "open_reports",
]


class Stale(Exception):
    """Somebody else decided on the image after it was shown to this moderator."""


class Replaced(Exception):
    """The owner has put another picture in the place of the one that was shown."""


class NotPossible(Exception):
    """The decision does not fit the state; the message says why."""


def approve(
    *, image: UUID, by: User, seen: int, note: str = "", file: str | None = None
) -> Decision:
    """Close the reports, and show the image again if those had hidden it.

    With the name of the `file` that was looked at, raises Replaced for another one.
    """

    def change(row: Image) -> None:
        if row.state == State.TAKEN_DOWN:
            raise NotPossible("The image is taken down. Restore it instead.")
        row.state = State.VISIBLE

    return _decide(Action.APPROVE, image, by, seen, change, note=note, file=file)


def take_down(
    *,
    image: UUID,
    by: User,
    seen: int,
    reason: Reason,
    note: str = "",
    file: str | None = None,
) -> Decision:
    """Hide the image from everybody at once, and its file from the CDN soon after.

    The same picture is refused from then on, and similar ones are reported. `file`
    as for `approve`.
    """

    def change(row: Image) -> None:
        if row.state == State.TAKEN_DOWN:
            raise NotPossible("The image is taken down already.")
        row.state = State.TAKEN_DOWN
        RemovedPicture.objects.get_or_create(
            image_id=row.pk,
            defaults={
                "reason": reason,
                "sha256": row.sha256,
                "perceptual_hash": row.perceptual_hash,
            },
        )

    decision = _decide(
        Action.TAKE_DOWN, image, by, seen, change, reason=reason, note=note, file=file
    )
    quarantine_soon()
    return decision


def restore(*, image: UUID, by: User, seen: int, note: str = "") -> Decision:
    """Undo a take-down: the file goes back, under a new path, then the row is shown.

    Raises StorageError and ImageChanged with the image taken down as before.
    """
    found = Image.objects.get(pk=image)
    if found.state != State.TAKEN_DOWN:
        raise NotPossible("The image is not taken down.")
    if found.decision_count != seen:
        raise Stale

    def change(row: Image) -> None:
        if row.state != State.TAKEN_DOWN:
            raise NotPossible("The image is not taken down.")
        if row.quarantined_at:
            # Moved there since it was read: it would be shown out of quarantine.
            raise ImageChanged
        row.state = State.VISIBLE
        RemovedPicture.objects.filter(image_id=row.pk).delete()

    if found.quarantined_at is None:
        # The file is where it was: the sweep has not come to it.
        return _decide(Action.RESTORE, image, by, seen, change, note=note)
    with moving_quarantine(image=found, quarantined_at=None):
        return _decide(Action.RESTORE, image, by, seen, change, note=note)


def suspend(*, user: UUID, by: User, reason: Reason, note: str = "") -> Decision:
    """End a user's sign-ins and hide their images; raises NotPossible."""
    with transaction.atomic():
        found = User.objects.select_for_update().get(pk=user)
        if found.is_superuser or found.pk == by.pk:
            raise NotPossible("Nobody suspends themselves or an administrator.")
        if found.is_staff and not by.is_superuser:
            raise NotPossible("Only administrators suspend other moderators.")
        if not found.is_active:
            raise NotPossible("The user is suspended already.")
        # This ends the user's sign-ins, too.
        User.objects.filter(pk=user).update(is_active=False)
        return _log(Action.SUSPEND, by, user, reason=reason, note=note)


def reinstate(*, user: UUID, by: User, note: str = "") -> Decision:
    """Let a suspended user and their images back in; raises NotPossible.

    Not those whom an administrator has deactivated: that was no decision of here.
    """
    with transaction.atomic():
        found = User.objects.select_for_update().get(pk=user)
        if found.is_active or not is_suspended(user):
            raise NotPossible("The user is not suspended.")
        # Who may change users can activate them, whatever is said here.
        if found.is_staff and not by.has_perm("accounts.change_user"):
            raise NotPossible("Only administrators reinstate other moderators.")
        User.objects.filter(pk=user).update(is_active=True)
        return _log(Action.REINSTATE, by, user, note=note)


def is_suspended(user: UUID) -> bool:
    """Say whether a suspension is the last that was decided about the user."""
    about = Decision.objects.filter(user_id=user)
    last = about.filter(action__in=[Action.SUSPEND, Action.REINSTATE]).first()
    return last is not None and last.action == Action.SUSPEND


def hide(image: Image, note: str) -> Decision:
    """Hide an image until somebody looks at it; decided by no person."""

    def change(row: Image) -> None:
        if row.state != State.VISIBLE:
            raise NotPossible("The image is not visible.")
        row.state = State.HIDDEN

    return _decide(
        Action.HIDE,
        image.pk,
        None,
        image.decision_count,
        change,
        note=note,
        close=False,
    )


def _decide(
    action: Action,
    image: UUID,
    by: User | None,
    seen: int,
    change: Callable[[Image], None],
    *,
    reason: str = "",
    note: str = "",
    close: bool = True,
    file: str | None = None,
) -> Decision:
    """Change the image under a lock, and log it.

    Raises Image.DoesNotExist; Stale, when `seen` is not the number of decisions
    so far; Replaced; and what `change` raises.
    """
    with transaction.atomic():
        row = lock_image(Image.objects.get(pk=image))
        if row.decision_count != seen:
            raise Stale
        if file is not None and row.file.name != file:
            raise Replaced
        change(row)
        row.decision_count += 1
        row.reviewed = action is not Action.HIDE
        row.state_since = timezone.now()
        row.state_reason, row.state_note = reason, note
        if row.state == State.VISIBLE:
            row.state_reason = row.state_note = ""
        if close:
            row.open_reports = 0
            row.reports.filter(closed_at=None).update(closed_at=timezone.now())
        write_image(row, {name: getattr(row, name) for name in _DECIDED})
        return _log(action, by, row.owner_id, row.pk, reason=reason, note=note)


def _log(
    action: Action,
    by: User | None,
    user: UUID,
    image: UUID | None = None,
    *,
    reason: str = "",
    note: str = "",
) -> Decision:
    return Decision.objects.create(
        action=action,
        reason=reason,
        note=note,
        moderator=by,
        # No e-mail address: the line outlives the account.
        moderator_name=(by.display_name or str(by.pk)) if by else "",
        user_id=user,
        image_id=image,
    )
