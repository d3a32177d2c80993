"""Faults of requests to ImageKit."""

from typing import Any

import pytest

RESET_SECONDS = 42
_RATE_LIMIT = {
    "X-RateLimit-Reset": str(RESET_SECONDS * 1000),
    "X-RateLimit-Limit": "150",
}

# The remote operations that the product uses.
REMOTE = (
    "upload",
    "details",
    "list",
    "delete",
    "bulk_delete",
    "purge",
    "purge_status",
    "delivery",
)

# Arguments of the emulator's `Fault`, by name.
KINDS: dict[str, dict[str, Any]] = {
    "500": {"kind": "status", "status": 500},
    "429": {"kind": "status", "status": 429, "headers": _RATE_LIMIT},
    "403": {"kind": "status", "status": 403},
    # Longer than the fixture `impatience` waits.
    "time-out": {"kind": "latency", "seconds": 1},
    "dropped": {"kind": "drop_before"},
    "lost": {"kind": "lost_response"},
    "garbage": {"kind": "garbage"},
    "empty": {"kind": "empty"},
    # The answer of a proxy instead of ImageKit.
    "no-work": {"kind": "status", "status": 200, "body": ""},
    "no-work-json": {"kind": "status", "status": 200, "body": {}},
}
# The parameters of fault matrices: an error and a lost answer stand for the others.
QUICK_AND_DEEP = [
    kind if kind in ("500", "lost") else pytest.param(kind, marks=pytest.mark.deep)
    for kind in KINDS
]
ALWAYS_OR_SOMETIMES = [
    pytest.param(1, id="always"),
    pytest.param(2, id="every-second", marks=pytest.mark.deep),
]
