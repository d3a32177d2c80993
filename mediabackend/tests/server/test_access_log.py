"""The lines of gunicorn's log."""

import json
import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from gunicorn.config import Config

from mediabackend.server import access_log
from mediabackend.server.access_log import AccessLogger, read_log_format


@pytest.fixture
def logger(tmp_path):
    """Return a function that makes the logger, which writes to files."""
    made = []

    def make() -> AccessLogger:
        config = Config()
        config.set("accesslog", str(tmp_path / "access.log"))
        config.set("errorlog", str(tmp_path / "error.log"))
        made.append(AccessLogger(config))
        return made[-1]

    yield make
    for logger in made:
        for handler in (*logger.access_log.handlers, *logger.error_log.handlers):
            handler.close()


@pytest.fixture
def line_of(tmp_path, logger):
    """Return the line of a request."""

    def write(**variables) -> str:
        environ = {
            "REQUEST_METHOD": "GET",
            "RAW_URI": "/api/v1/images/?page_size=1",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "192.0.2.7",
            "mediabackend.request_id": "abc-1",
            **variables,
        }
        response = SimpleNamespace(status="200 OK", sent=123)
        logger().access(response, None, environ, timedelta(seconds=1.5))
        (line,) = (tmp_path / "access.log").read_text().splitlines()
        return line

    return write


def test_line__has_the_client_the_user_and_the_request(line_of):
    line = line_of(
        HTTP_REFERER="https://a.example/",
        HTTP_USER_AGENT="curl/8",
        **{"mediabackend.user_id": "0195"},
    )
    pattern = (
        r"\S+Z INFO gunicorn\.access \[abc-1\] 192\.0\.2\.7 0195 "
        r'"GET /api/v1/images/\?page_size=1 HTTP/1\.1" 200 123 '
        r'"https://a\.example/" "curl/8" 1\.5'
    )
    assert re.fullmatch(pattern, line)


def test_line__as_json_has_them_as_fields(line_of, monkeypatch):
    monkeypatch.setenv("LOG_FORMAT", "json")
    fields = json.loads(line_of(HTTP_USER_AGENT="curl/8"))
    assert fields.pop("time").endswith("Z")
    assert fields.pop("message").startswith('"GET /api/v1/images/?page_size=1 ')
    assert fields == {
        "level": "INFO",
        "logger": "gunicorn.access",
        "request_id": "abc-1",
        "ip": "192.0.2.7",
        "user_id": "-",
        "method": "GET",
        "path": "/api/v1/images/?page_size=1",
        "status": 200,
        "bytes": 123,
        "seconds": 1.5,
        "agent": "curl/8",
    }


def test_attack__quotes_and_escapes_in_headers_forge_no_fields(line_of):
    line = line_of(HTTP_USER_AGENT='x" 1.0 other-id "\x1b[2J')
    assert line.endswith(' "-" "x\\" 1.0 other-id \\"\\u001b[2J" 1.5')


@pytest.mark.parametrize(
    ("peer", "ip"),
    [("127.0.0.1", "203.0.113.9"), ("", "203.0.113.9"), ("192.0.2.7", "192.0.2.7")],
)
def test_ip__is_the_client_s_and_not_the_proxy_s(line_of, peer, ip):
    line = line_of(REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR="203.0.113.9")
    assert f" [abc-1] {ip} - " in line


def test_ip__of_a_unix_socket_without_a_proxy_is_a_dash(line_of):
    assert " [abc-1] - - " in line_of(REMOTE_ADDR="")


@pytest.mark.parametrize("format", ["console", "json"])
def test_messages_of_gunicorn__have_the_format_too(
    logger, tmp_path, monkeypatch, format
):
    monkeypatch.setenv("LOG_FORMAT", format)
    logger().warning("Worker %s ended.", 7)
    (line,) = (tmp_path / "error.log").read_text().splitlines()
    if format == "json":
        fields = json.loads(line)
        assert fields["logger"] == "gunicorn.error"
        assert fields["message"] == "Worker 7 ended."
    else:
        assert re.fullmatch(
            r"\S+Z WARNING gunicorn\.error \[-\] - - Worker 7 ended\.", line
        )


@pytest.mark.parametrize(
    ("variables", "file", "format"),
    [
        ({}, "", "json"),
        ({"DEBUG": "true"}, "", "console"),
        ({"DEBUG": "true", "LOG_FORMAT": "json"}, "", "json"),
        ({}, "DEBUG=true", "console"),
        ({}, "LOG_FORMAT=console", "console"),
        ({"LOG_FORMAT": "json"}, "LOG_FORMAT=console", "json"),
        ({"LOG_FORMAT": "yaml"}, "", "json"),
        ({"LOG_FORMAT": ""}, "", "json"),
    ],
)
def test_format__is_that_of_the_settings(
    monkeypatch, tmp_path, variables, file, format
):
    (tmp_path / ".env").write_text(file)
    monkeypatch.setattr(access_log, "_ENV_FILE", tmp_path / ".env")
    for name in ("DEBUG", "LOG_FORMAT"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert read_log_format() == format
