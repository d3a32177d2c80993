"""Random sequences of operations, faults and crashes; see `machine.py`.

HYPOTHESIS_PROFILE=long tries other, longer and many more sequences, and looks for
the shortest that fails.
"""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from images.tests.consistency.machine import Machine

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("impatience"),
]

_COMMON = settings(
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
# The same sequences each time, so that only a change of the code can fail it.
_FIXED = settings(
    _COMMON, stateful_step_count=30, derandomize=True, phases=[Phase.generate]
)
PROFILES = {
    "short": settings(_FIXED, max_examples=5),
    "deep": settings(_FIXED, max_examples=50),
    "long": settings(_COMMON, max_examples=500, stateful_step_count=50),
}
DEEP = os.environ.get("HYPOTHESIS_PROFILE", "deep")


@pytest.mark.parametrize(
    "profile", ["short", pytest.param(DEEP, marks=pytest.mark.deep)]
)
def test_state_machine(profile, settings):
    settings.IMAGEKIT_PURGE_ON = "delete"
    run_state_machine_as_test(Machine, settings=PROFILES[profile])
