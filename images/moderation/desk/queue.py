"""The queue of images that moderators review.

Reported images come first, those with most open reports before the others; then the
images that nobody has reviewed, newest first. Both are found by an index, so a long
queue opens as fast as a short one.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Self
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from images.models import Image, Report, State, Visibility
from images.models.querysets import ImageQuerySet

# A sample is drawn from the newest images: shuffling all of them takes too long.
_SAMPLED = 10_000


@dataclass(frozen=True)
class QueuePosition:
    """The position of an image in the queue. It also holds once the image has left."""

    reports: int
    image: UUID

    @classmethod
    def of(cls, image: Image) -> Self:
        return cls(image.open_reports, image.pk)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text of a position; raises ValueError."""
        reports, _, image = text.partition("_")
        return cls(int(reports), UUID(image))

    def __str__(self) -> str:
        return f"{self.reports}_{self.image}"


@dataclass(frozen=True)
class QueueFilter:
    """The images that a moderator wants to see; an empty field filters nothing."""

    sample: bool = False
    state: str = ""
    reason: str = ""
    owner: UUID | None = None
    days: int | None = None

    def images(self) -> ImageQuerySet:
        """Select the images of the queue, in no order.

        Superusers too get no private image here that nobody has reported.

        Without a state, images that are taken down or belong to inactive users are left
        out: they need no review.
        """
        images: ImageQuerySet = Image.objects.open_to_moderators()
        images = images.select_related("owner")
        if self.state:
            images = images.filter(state=self.state)
        else:
            images = images.filter(owner__is_active=True).exclude(
                state=State.TAKEN_DOWN
            )
        if self.owner:
            images = images.filter(owner=self.owner)
        if self.days:
            since = timezone.now() - timedelta(days=self.days)
            images = images.filter(created_at__gte=since)
        if self.reason:
            reports = Report.objects.filter(image=OuterRef("pk"), reason=self.reason)
            if not self.state:
                reports = reports.filter(closed_at=None)
            images = images.filter(Exists(reports))
        return images

    def next(self, after: QueuePosition | None = None) -> Image | None:
        """Return the image that follows `after`, else the first; None at the end."""
        if self.sample:
            return self._random_except(after)
        reported = self.images().filter(open_reports__gt=0)
        others = self.images().filter(open_reports=0)
        if not self.state:
            others = others.filter(reviewed=False)
        if after and after.reports:
            fewer = Q(open_reports__lt=after.reports)
            older = Q(open_reports=after.reports, pk__lt=after.image)
            reported = reported.filter(fewer | older)
        elif after:
            reported = reported.none()
            others = others.filter(pk__lt=after.image)
        found = reported.order_by("-open_reports", "-pk").first()
        return found or others.order_by("-pk").first()

    def _random_except(self, last: QueuePosition | None) -> Image | None:
        images = self.images().exclude(visibility=Visibility.PRIVATE)
        if last:
            images = images.exclude(pk=last.image)
        newest = images.order_by("-pk").values("pk")[:_SAMPLED]
        chosen: ImageQuerySet = Image.objects.select_related("owner")
        return chosen.filter(pk__in=newest).order_by("?").first()


def reported_images() -> ImageQuerySet:
    """Select the images of the queue that have open reports, in its order."""
    reported = QueueFilter().images().filter(open_reports__gt=0)
    return reported.order_by("-open_reports", "-pk")
