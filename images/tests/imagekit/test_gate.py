"""The gate before ImageKit waits for a slow service, and not for a silent one."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from images.imagekit.client import Gate, call_refused, queue_changed
from images.imagekit.errors import StorageRejected, StorageUnavailable
from scripts.waiting import wait_for

PLACES = 2


@pytest.fixture
def hold():
    """Occupy all places of a gate; the result of a call empties it again."""
    let_go = threading.Event()
    with ThreadPoolExecutor(PLACES) as pool:

        def occupy(gate: Gate) -> Callable[[], None]:
            inside = threading.Barrier(PLACES + 1)

            def stay() -> None:
                with gate.entered():
                    inside.wait(5)
                    let_go.wait(5)

            staying = [pool.submit(stay) for _ in range(PLACES)]
            inside.wait(5)

            def release() -> None:
                let_go.set()
                for one in staying:
                    one.result()

            return release

        yield occupy
        let_go.set()


def test_slow_service__is_waited_for_by_everybody():
    """Each call takes less than `max_silence`, and all together take more."""
    gate, busiest, lock = Gate(PLACES, max_silence=1.2), [0], threading.Lock()
    inside = 1

    def call(number: int) -> None:
        nonlocal inside
        with gate.entered():
            with lock:
                inside += 1
                busiest.append(inside)
            time.sleep(0.05)
            with lock:
                inside -= 1

    start = time.monotonic()
    # One place is never free, so only the answers can show that the service works.
    with gate.entered(), ThreadPoolExecutor(30) as pool:
        list(pool.map(call, range(30)))
    assert time.monotonic() - start > 1.2
    assert max(busiest) == PLACES


def test_silent_service__is_given_up_on_and_then_refused_at_once(hold):
    gate = Gate(PLACES, max_silence=0.8)
    hold(gate)
    for longest in (1.6, 0.5, 0.5):
        start = time.monotonic()
        with pytest.raises(StorageUnavailable), gate.entered():
            pass
        assert time.monotonic() - start < longest


def test_service_that_is_back__is_waited_for_again(hold):
    gate = Gate(PLACES, max_silence=0.2)
    release = hold(gate)
    with pytest.raises(StorageUnavailable), gate.entered():
        pass
    release()
    for _ in range(3 * PLACES):
        with gate.entered():
            pass


@pytest.mark.parametrize("error", [StorageRejected("no"), StorageUnavailable("no")])
def test_place_of_a_failed_call__is_free_again(error):
    gate = Gate(1, max_silence=0.1)
    for _ in range(3):
        with pytest.raises(type(error)), gate.entered():
            raise error
    with gate.entered():
        pass


@pytest.fixture
def reported():
    """Return a list of the signals of gates: changes of the queue, or `refused`."""
    found: list[int | str] = []

    def note_change(change: int, **kwargs) -> None:
        found.append(change)

    def note_refusal(**kwargs) -> None:
        found.append("refused")

    queue_changed.connect(note_change)
    call_refused.connect(note_refusal)
    yield found
    queue_changed.disconnect(note_change)
    call_refused.disconnect(note_refusal)


def test_queue__is_reported(hold, reported):
    gate = Gate(PLACES, max_silence=5)
    release = hold(gate)
    assert reported == []
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(enter, gate)
        wait_for(lambda: reported == [1])
        release()
        waiting.result()
    assert reported == [1, -1]


def test_refusal__is_reported_and_ends_the_wait(hold, reported):
    gate = Gate(PLACES, max_silence=0.1)
    hold(gate)
    with pytest.raises(StorageUnavailable):
        enter(gate)
    assert reported == [1, "refused", -1]


def test_observer_that_fails__disturbs_no_call(hold):
    def fail(**kwargs) -> None:
        raise RuntimeError

    gate = Gate(PLACES, max_silence=5)
    release = hold(gate)
    queue_changed.connect(fail)
    try:
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(enter, gate)
            release()
            waiting.result()
    finally:
        queue_changed.disconnect(fail)


def enter(gate: Gate) -> None:
    with gate.entered():
        pass
