"""Signals about calls of ImageKit, for counters."""

from django.dispatch import Signal

# A call has ended. Arguments: `operation`, `seconds`, and `error`, a StorageError or
# another exception, or None.
call_ended = Signal()
# One more thread waits for a place, or one less: `change` is 1 or -1.
queue_changed = Signal()
# A call was not made, because ImageKit has been silent.
call_refused = Signal()
