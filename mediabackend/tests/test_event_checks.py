import pytest

from mediabackend.checks import check_events
from mediabackend.tests.events.conftest import SECRET

GOOD = {
    "EVENTS_URL": "https://app.example.com:8443/media-events?x=1",
    "EVENTS_SECRET": SECRET,
    "EVENTS_ALLOW_PRIVATE": False,
}
LOCAL = {"EVENTS_URL": "http://10.0.0.5:9000/hook"}


@pytest.mark.parametrize(
    ("change", "ids"),
    [
        ({}, []),
        ({"EVENTS_URL": "", "EVENTS_SECRET": ""}, []),
        ({"EVENTS_SECRET": ""}, ["events.E001"]),
        ({"EVENTS_SECRET": "whsec_not base64!"}, ["events.E001"]),
        ({"EVENTS_SECRET": "whsec_c2hvcnQ="}, ["events.E001"]),
        ({"EVENTS_SECRET": SECRET.removeprefix("whsec_")}, ["events.E001"]),
        (LOCAL, ["events.E002"]),
        (LOCAL | {"EVENTS_ALLOW_PRIVATE": True}, []),
        ({"EVENTS_URL": "app.example.com/hook"}, ["events.E002"]),
        ({"EVENTS_URL": "https:///hook"}, ["events.E002"]),
        ({"EVENTS_URL": "https://app.example.com:port/"}, ["events.E002"]),
        ({"EVENTS_URL": "https://ann:pass@app.example.com/"}, ["events.E002"]),
        ({"EVENTS_URL": "https://äpp.example.com/"}, ["events.E002"]),
        ({"EVENTS_URL": "file:///etc/passwd"}, ["events.E002"]),
    ],
    ids=str,
)
def test_events__are_checked(settings, change, ids):
    for name, value in {**GOOD, **change}.items():
        setattr(settings, name, value)
    assert [message.id for message in check_events()] == ids
