"""Which image a moderator looks at next.

First what was reported, most often first; then what nobody has looked at, newest
first. Both are found by an index, so the queue opens as fast however long it is.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Self
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from images.models import Image, Report, State, Visibility
from images.models.querysets import ImageQuerySet

# A sample is drawn from the newest images: sorting all by chance takes too long.
_SAMPLED = 10_000


@dataclass(frozen=True)
class Place:
    """Where in the queue an image is, also after it has left the queue."""

    reports: int
    image: UUID

    @classmethod
    def of(cls, image: Image) -> Self:
        return cls(image.open_reports, image.pk)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `str` wrote; raises ValueError."""
        reports, _, image = text.partition("_")
        return cls(int(reports), UUID(image))

    def __str__(self) -> str:
        return f"{self.reports}_{self.image}"


@dataclass(frozen=True)
class Choice:
    """What of the queue a moderator wants to see; empty fields choose nothing."""

    sample: bool = False
    state: str = ""
    reason: str = ""
    owner: UUID | None = None
    days: int | None = None

    def images(self) -> ImageQuerySet:
        """Select the images of the queue, in no order.

        Without a state: what is to be reviewed. Private images are seen by nobody
        else, so only reports bring them here; neither do those of suspended users
        need a decision.
        """
        images: ImageQuerySet = Image.objects.select_related("owner")
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

    def next(self, after: Place | None = None) -> Image | None:
        """Return the image that comes `after` a place, or first; None at the end."""
        if self.sample:
            return self._any_but(after)
        reported = self.images().filter(open_reports__gt=0)
        others = self.images().filter(open_reports=0)
        if not self.state:
            others = others.filter(reviewed=False)
        if self.state in ("", State.VISIBLE):
            others = others.exclude(visibility=Visibility.PRIVATE)
        if after and after.reports:
            fewer = Q(open_reports__lt=after.reports)
            older = Q(open_reports=after.reports, pk__lt=after.image)
            reported = reported.filter(fewer | older)
        elif after:
            reported = reported.none()
            others = others.filter(pk__lt=after.image)
        found = reported.order_by("-open_reports", "-pk").first()
        return found or others.order_by("-pk").first()

    def _any_but(self, last: Place | None) -> Image | None:
        images = self.images().exclude(visibility=Visibility.PRIVATE)
        if last:
            images = images.exclude(pk=last.image)
        newest = images.order_by("-pk").values("pk")[:_SAMPLED]
        chosen: ImageQuerySet = Image.objects.select_related("owner")
        return chosen.filter(pk__in=newest).order_by("?").first()


def number_reported() -> int:
    """Count the images of the queue that have open reports."""
    return Choice().images().filter(open_reports__gt=0).count()
