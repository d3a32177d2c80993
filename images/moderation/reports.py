"""Reports of images to the moderators."""

from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import User
from images.models import Image, Report, State
from images.moderation.decisions import hide_image
from images.moderation.notices import tell_owners_soon
from images.screening.copies import count_report

# Reports of younger accounts hide nothing: anybody can make many of those.
_TRUSTED_AFTER = timedelta(days=1)


class ReporterGone(Exception):
    """The reporter's account was deleted while the report was stored."""


def report_image(
    *, image: Image, by: User, reason: str, details: str = ""
) -> tuple[Report, bool]:
    """Report an image; return the report, and whether it is new.

    Each user has one report of an image: a second call returns the first report.
    Raises ReporterGone, and Image.DoesNotExist when the image was deleted meanwhile.
    """
    try:
        with transaction.atomic():
            locked = _lock(image)
            report, new = Report.objects.get_or_create(
                image=locked,
                reporter=by,
                defaults={"reason": reason, "details": details},
            )
            if new:
                count_report(locked)
                _hide_if_many(locked)
    except IntegrityError as error:
        # The image is locked and stays, so it is the reporter who is missing.
        raise ReporterGone from error
    return report, new


def recount_open_reports() -> int:
    """Correct the counts of images whose reporters have gone; return how many.

    Deleting an account deletes its reports, but does not correct the counts: it would
    have to lock the owners of all those images.
    """
    open_ones = Report.objects.filter(image=OuterRef("pk"), closed_at=None).order_by()
    number = Subquery(open_ones.values("image").annotate(n=Count("pk")).values("n"))
    actual = Coalesce(number, 0)
    wrong = Image.objects.filter(open_reports__gt=0).exclude(open_reports=actual)
    with transaction.atomic():
        locked = [row.pk for row in wrong.lock()]
        return Image.objects.filter(pk__in=locked).update(open_reports=actual)


def _lock(image: Image) -> Image:
    Image.objects.filter(pk=image.pk).lock()
    return Image.objects.get(pk=image.pk)


def _hide_if_many(image: Image) -> None:
    limit = settings.AUTO_HIDE_AFTER_REPORTS
    if not limit or image.state != State.VISIBLE:
        return
    trusted = image.reports.filter(
        closed_at=None,
        reporter__is_active=True,
        reporter__email_verified=True,
        reporter__date_joined__lte=timezone.now() - _TRUSTED_AFTER,
    ).count()
    if trusted >= limit:
        hide_image(image, note=f"Hidden after {trusted} reports.")
        tell_owners_soon()
