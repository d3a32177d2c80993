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
PROFILES = {
    # The same sequences each time, so that a change of code alone can fail it.
    "short": settings(
        _COMMON,
        max_examples=50,
        stateful_step_count=30,
        derandomize=True,
        phases=[Phase.generate],
    ),
    "long": settings(_COMMON, max_examples=500, stateful_step_count=50),
}


def test_state_machine(settings):
    settings.IMAGEKIT_PURGE_ON = "delete"
    profile = PROFILES[os.environ.get("HYPOTHESIS_PROFILE", "short")]
    run_state_machine_as_test(Machine, settings=profile)
