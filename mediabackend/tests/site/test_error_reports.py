"""Reports of errors, sent by Sentry's SDK to a server in this process."""

import gzip
import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SECRETS = {
    "token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl",
    "password": "correct-horse-battery",
    "email": "ann@example.com",
    "caption": "My secret garden",
    "alt text": "A gate with ivy",
    "cookie": "sessionid-4711",
    "ip": "198.51.100.77",
    "agent": "SecretBrowser/9",
    "variable": "value-of-a-local-variable",
}
# A site with a view that fails, and the requests of somebody with secrets.
PROGRAM = """
import json, logging, os, sys
import django
from django.conf import settings

django.setup()
secrets = json.loads(os.environ["SECRETS"])

import sentry_sdk
from django.test import Client
from django.urls import path
from rest_framework.permissions import AllowAny
from rest_framework.views import APIView


class Failing(APIView):
    permission_classes = (AllowAny,)
    authentication_classes = ()

    def post(self, request, pk):
        secret = secrets["variable"]
        try:
            raise ValueError(request.data["caption"])
        except ValueError as error:
            raise RuntimeError(f"{request.data} {secret}") from error


class urlconf:
    urlpatterns = [path("api/failing/<str:pk>/", Failing.as_view())]
    handler500 = "mediabackend.http.error_responses.server_error"


settings.ROOT_URLCONF = urlconf
client = Client(raise_request_exception=False)
client.cookies["sessionid"] = secrets["cookie"]
response = client.post(
    f"/api/failing/{secrets['email']}/?token={secrets['token']}",
    json.dumps(secrets),
    content_type="application/json",
    REMOTE_ADDR=secrets["ip"],
    headers={
        "Host": "localhost",
        "Authorization": f"Bearer {secrets['token']}",
        "User-Agent": secrets["agent"],
        "X-Request-ID": "req-7",
    },
)
assert response.status_code == 500, response.status_code
logger = logging.getLogger("images.remote")
logger.info("%s signs in", secrets["email"])
logger.error("no mail to %s", secrets["email"], extra={"caption": secrets["caption"]})
logger.error("no mail to " + secrets["email"])
sentry_sdk.flush(10)
"""


class Sink:
    """A server that keeps what Sentry's SDK sends."""

    def __init__(self) -> None:
        self.bodies: list[str] = []
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                sink.bodies.append(f"{self.headers}\n{body.decode()}")
                self.send_response(200)
                self.end_headers()

            def log_message(self, *args) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.dsn = f"http://key@127.0.0.1:{self._server.server_port}/1"

    def __enter__(self) -> "Sink":
        threading.Thread(target=self._server.serve_forever).start()
        return self

    def __exit__(self, *args) -> None:
        self._server.shutdown()
        self._server.server_close()

    def events(self) -> list[dict]:
        """Return the events of the envelopes that have arrived."""
        lines = [line for body in self.bodies for line in body.splitlines()]
        found = [json.loads(line) for line in lines if line.startswith("{")]
        return [item for item in found if "level" in item]


def run(program: str, **variables: str) -> None:
    """Run a program with the settings of this run and the secrets."""
    environ = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "mediabackend.settings",
        "SECRETS": json.dumps(SECRETS),
        "SENTRY_DSN": "",
        **variables,
    }
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def sink():
    with Sink() as sink:
        run(PROGRAM, SENTRY_DSN=sink.dsn)
        yield sink


def test_error__is_reported_with_its_place_and_its_request(sink):
    (event,) = (e for e in sink.events() if "exception" in e)
    values = event["exception"]["values"]
    assert [value["type"] for value in values] == ["ValueError", "RuntimeError"]
    frames = [frame["function"] for frame in values[1]["stacktrace"]["frames"]]
    assert "post" in frames
    assert event["tags"] == {"request_id": "req-7"}
    assert event["request"] == {"method": "POST"}
    assert event["transaction"] == "/api/failing/{pk}/"


def test_log_lines__are_reported_by_their_template(sink):
    texts = [e["logentry"]["message"] for e in sink.events() if "logentry" in e]
    assert texts == ["no mail to %s", "A message of images.remote"]


@pytest.mark.parametrize("what", SECRETS)
def test_attack__no_secret_leaves_the_server(sink, what):
    assert len(sink.events()) == 3
    assert all(SECRETS[what] not in body for body in sink.bodies)


@pytest.mark.deep
def test_secrets__would_be_seen_without_the_scrubber():
    """Otherwise the test above would show nothing."""
    start = "sentry_sdk.init(dsn=os.environ['DSN'], send_default_pii=True)"
    program = PROGRAM.replace("import sentry_sdk\n", f"import sentry_sdk\n{start}\n")
    with Sink() as sink:
        run(program, DSN=sink.dsn)
        sent = "".join(sink.bodies)
    assert [what for what, secret in SECRETS.items() if secret not in sent] == []


def test_sdk__is_not_loaded_without_a_dsn():
    run("import django, sys; django.setup(); sys.exit('sentry_sdk' in sys.modules)")
