"""The two formats of log lines."""

import json
import logging
import re

import pytest

from mediabackend.telemetry.log_lines import FORMATTERS


def line_of(format: str, message: str = "Hello, %s.", *args, **fields) -> str:
    error = fields.pop("exc_info", None)
    record = logging.LogRecord(
        "images.remote", logging.WARNING, __file__, 1, message, args, error
    )
    record.__dict__.update(fields)
    return FORMATTERS[format]().format(record)


CONTEXT = {"request_id": "abc-1", "ip": "192.0.2.7", "user_id": "0195"}


def test_console__has_time_level_logger_context_and_message():
    line = line_of("console", "Hello, %s.", "Ann", created=1772357400.1239, **CONTEXT)
    assert line == (
        "2026-03-01T09:30:00.123Z WARNING images.remote [abc-1] 192.0.2.7 0195 "
        "Hello, Ann."
    )


def test_console__has_a_dash_for_what_is_not_known():
    assert " images.remote [-] - - Hello." in line_of("console", "Hello.")


def test_json__has_the_same_as_fields():
    line = line_of("json", "Hello, %s.", "Ann", created=1772357400.1239, **CONTEXT)
    assert list(json.loads(line).items()) == [
        ("time", "2026-03-01T09:30:00.123Z"),
        ("level", "WARNING"),
        ("logger", "images.remote"),
        ("request_id", "abc-1"),
        ("ip", "192.0.2.7"),
        ("user_id", "0195"),
        ("message", "Hello, Ann."),
    ]


def test_json__has_a_dash_for_what_is_not_known():
    fields = json.loads(line_of("json", "Hello."))
    assert [fields[name] for name in CONTEXT] == ["-", "-", "-"]


def test_json__has_details_as_fields_but_not_the_request():
    fields = json.loads(
        line_of("json", "x", operation="upload", size=5, request=object())
    )
    assert (fields["operation"], fields["size"]) == ("upload", 5)
    assert "request" not in fields


@pytest.mark.parametrize("format", FORMATTERS)
def test_times__are_utc_wherever_the_server_is(format, monkeypatch):
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    line = line_of(format, "x", created=1772357400.0)
    assert "2026-03-01T09:30:00.000Z" in line


def test_json__is_one_line_with_a_traceback_too():
    try:
        raise RuntimeError("two\nlines")
    except RuntimeError as error:
        caught = (type(error), error, error.__traceback__)
    line = line_of("json", "a\nb", exc_info=caught)
    assert "\n" not in line
    fields = json.loads(line)
    assert fields["message"] == "a\nb"
    assert re.search(r"RuntimeError: two\nlines$", fields["exc_info"])
