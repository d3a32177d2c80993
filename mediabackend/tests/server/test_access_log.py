"""The access log's lines, as gunicorn writes them."""

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from gunicorn.config import Config

from mediabackend.server.access_log import FORMAT, AccessLogger


@pytest.fixture
def line_of(tmp_path):
    """Return the line of a request."""
    config = Config()
    config.set("accesslog", str(tmp_path / "access.log"))
    config.set("access_log_format", FORMAT)
    logger = AccessLogger(config)

    def write(**variables) -> str:
        environ = {
            "REQUEST_METHOD": "GET",
            "RAW_URI": "/api/v1/images/?page_size=1",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "192.0.2.7",
            **variables,
        }
        headers = [("Content-Type", "text/plain"), ("X-Request-ID", "abc-1")]
        response = SimpleNamespace(status="200 OK", sent=123, headers=headers)
        logger.access(response, None, environ, timedelta(seconds=1.5))
        (line,) = (tmp_path / "access.log").read_text().splitlines()
        return line

    yield write
    for handler in logger.access_log.handlers:
        handler.close()


def test_line__is_the_combined_format_with_time_and_id(line_of):
    line = line_of(HTTP_REFERER="https://a.example/", HTTP_USER_AGENT="curl/8")
    pattern = (
        r"192\.0\.2\.7 - - \[[^]]+\] "
        r'"GET /api/v1/images/\?page_size=1 HTTP/1\.1" 200 123 '
        r'"https://a\.example/" "curl/8" 1\.500000 abc-1'
    )
    assert re.fullmatch(pattern, line)


def test_quotes_in_headers__cannot_forge_fields(line_of):
    line = line_of(HTTP_USER_AGENT='x" 1.0 other-id "')
    assert r"\" 1.0 other-id \"" in line
    assert line.endswith(' "-" "x\\" 1.0 other-id \\"" 1.500000 abc-1')


@pytest.mark.parametrize(
    ("peer", "ip"),
    [("127.0.0.1", "203.0.113.9"), ("", "203.0.113.9"), ("192.0.2.7", "192.0.2.7")],
)
def test_ip__is_the_client_s_and_not_the_proxy_s(line_of, peer, ip):
    line = line_of(REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR="203.0.113.9")
    assert line.startswith(f"{ip} - - [")


def test_ip__of_a_unix_socket_without_a_proxy_is_a_dash(line_of):
    assert line_of(REMOTE_ADDR="").startswith("- - - [")
