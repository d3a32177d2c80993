"""Note events, in the transactions of the changes. Without EVENTS_URL nothing is noted.

The query sets and services that make the changes call these functions.
"""

from typing import Any, Generic, TypeVar, cast

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, JSONField, Value
from django.db.models.expressions import Combinable
from django.utils import timezone

from mediabackend.db.insert_select import insert_from
from mediabackend.events.models import Event, Kind

M = TypeVar("M", bound=models.Model)


def events_wanted() -> bool:
    """Say whether events are noted, because they have somewhere to go."""
    return bool(settings.EVENTS_URL)


def note_event(event: Event, using: str | None = None) -> None:
    """Note an event; call it in the transaction of the change, and after the change.

    The change must have locked the row of the subject.
    """
    if events_wanted():
        event.save(using=using, force_insert=True)


def note_events(kind: Kind, rows: models.QuerySet[Any], owner: Combinable) -> None:
    """Note the same event of each of these rows, in one statement.

    `owner` is an expression over the rows, which must be locked.
    """
    if not events_wanted():
        return
    now = timezone.now()
    columns: dict[str, Any] = {
        "kind": Value(kind.value),
        "subject": F("pk"),
        "owner": owner,
        "data": Value({}, output_field=JSONField()),
        "state": Value(Event.State.WAITING.value),
        "due_at": Value(now),
        "attempts": Value(0),
        "last_error": Value(""),
        "created_at": Value(now),
    }
    insert_from(Event, rows, columns)


class NotingQuerySet(models.QuerySet[M], Generic[M]):
    """A query set that notes an event of each row that it inserts.

    Django inserts all rows through `_insert`: those of `save`, `create` and
    `bulk_create`. The model needs `base_manager_name`, as `save` uses its base manager.
    """

    def created_event(self, row: Any) -> Event:
        """Return the event of a new row."""
        raise NotImplementedError

    def _insert(self, objs: Any, fields: Any, **options: Any) -> Any:
        using, on_conflict = options.get("using"), options.get("on_conflict")
        insert = cast(Any, super())._insert
        # `raw` is the loading of a dump: nothing has changed.
        if options.get("raw") or not events_wanted():
            return insert(objs, fields, **options)
        with transaction.atomic(using=using):
            # Rows that conflict with others are not inserted.
            known = self._existing(objs, using) if on_conflict else set()
            result = insert(objs, fields, **options)
            new = [row for row in objs if row.pk not in known]
            if on_conflict:
                existing = self._existing(new, using)
                new = [row for row in new if row.pk in existing]
            Event.objects.using(using).bulk_create(map(self.created_event, new))
        return result

    def _existing(self, rows: list[Any], using: str | None) -> set[Any]:
        keys = [row.pk for row in rows]
        found = self.model._base_manager.using(using).filter(pk__in=keys)
        return set(found.values_list("pk", flat=True))
