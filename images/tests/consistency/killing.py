"""Run something in a child process that is killed at one of its steps."""

import gc
import json
import os
import signal
import traceback
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

from django.db import connections

from imagekit_emulator.transport import get_app
from images.tests.consistency.tracing import traced


class End(NamedTuple):
    """How the child ended; `answer` is what it said once its work had returned."""

    killed: bool
    answer: Any


def run_killed_at(step: int, work: Callable[[], Any]) -> End:
    """Do `work` in a fork of this process; it gets SIGKILL at the given step.

    `work` returns what the child then says, as JSON: what is said is
    acknowledged. One more step follows it. A child that has fewer steps ends
    by itself.
    """
    # Neither side may use the other's connections.
    connections.close_all()
    get_app().close()
    source, target = os.pipe()
    # Fewer pages for the kernel to copy.
    gc.freeze()
    with warnings.catch_warnings():
        # The child starts no thread, and needs none of the parent's.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        _be_the_child(step, work, target)
    gc.unfreeze()
    os.close(target)
    with os.fdopen(source) as said:
        text = said.read()
    _, status = os.waitpid(child, 0)
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    assert killed or os.waitstatus_to_exitcode(status) == 0, text
    return End(killed, json.loads(text) if text else None)


def _be_the_child(step: int, work: Callable[[], Any], target: int) -> None:
    """Never return: the test runner's own code must not run twice."""
    seen = 0

    def on_step(name: str) -> None:
        nonlocal seen
        seen += 1
        if seen == step:
            os.kill(os.getpid(), signal.SIGKILL)

    try:
        with traced(on_step):
            os.write(target, json.dumps(work()).encode())
            on_step("after the acknowledgement")
    except BaseException:
        os.write(target, traceback.format_exc().encode())
        os._exit(1)
    os._exit(0)
