import pytest

from mediabackend.checks import check_database, check_metrics_token

GOOD = "Zq3-xv_81LmPpR7sKd0aWcYt5uHnBf2gJe6oViXr"


@pytest.mark.parametrize(
    ("engine", "ids"),
    [
        ("django.db.backends.sqlite3", ["mediabackend.W001"]),
        ("mediabackend.db.postgresql", []),
    ],
)
def test_database__is_checked(settings, monkeypatch, engine, ids):
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", engine)
    found = list(check_database())
    assert [message.id for message in found] == ids
    assert all(message.hint for message in found)


@pytest.mark.parametrize(
    ("token", "ids"),
    [
        ("", []),
        (GOOD, []),
        (GOOD[:31], ["mediabackend.W002"]),
        ("   ", ["mediabackend.W002"]),
        ("change-me" * 9, ["mediabackend.W002"]),
        ("abcd" * 20, ["mediabackend.W002"]),
    ],
)
def test_metrics_token__is_checked(settings, token, ids):
    settings.METRICS_TOKEN = token
    found = list(check_metrics_token())
    assert [message.id for message in found] == ids
    assert all(message.hint for message in found)
    assert not token.strip() or not any(token in message.msg for message in found)
