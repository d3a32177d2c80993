"""A Django view that serves the emulator below a prefix of a site."""

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.views.decorators.csrf import csrf_exempt

from imagekit_emulator.errors import ConnectionDropped
from imagekit_emulator.transport import get_app


@csrf_exempt
def emulator(request: HttpRequest, path: str) -> HttpResponseBase:
    """Pass a request to the emulator; other machines are refused by default."""
    options: dict[str, Any] = settings.IMAGEKIT_EMULATOR or {}
    if not (options.get("ALLOW_REMOTE") or _is_local(request)):
        return HttpResponse(
            "The ImageKit emulator answers on loopback only.", status=403
        )
    # Refuse a host that is not in ALLOWED_HOSTS: `origins.py` trusts the host.
    request.get_host()
    environ = _shifted_environ(request, path)
    try:
        answer = get_app().respond(environ)
    except ConnectionDropped as error:
        return _broken_response(error)
    body, _, headers = answer.get_wsgi_response(environ)
    return StreamingHttpResponse(body, status=answer.status_code, headers=dict(headers))


def _is_local(request: HttpRequest) -> bool:
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def _shifted_environ(request: HttpRequest, path: str) -> dict[str, Any]:
    """Return the WSGI environ, with the prefix of the mount in SCRIPT_NAME."""
    environ = dict(getattr(request, "environ", request.META))
    # Under ASGI there is no environ, and the request itself is read for the body.
    environ.setdefault("wsgi.input", request)
    # The server's wrapper works only for files that the server itself is given.
    environ.pop("wsgi.file_wrapper", None)
    environ.setdefault("wsgi.url_scheme", request.scheme)
    prefix = request.path.removesuffix(path).rstrip("/")
    environ["SCRIPT_NAME"] = prefix.encode().decode("latin-1")
    environ["PATH_INFO"] = f"/{path}".encode().decode("latin-1")
    return environ


def _broken_response(error: ConnectionDropped) -> HttpResponseBase:
    """Return an answer that breaks off after its first byte.

    A view cannot close the connection, but a server does when the body fails. If the
    body failed before the first byte, the server could answer with an error page.
    """

    def body() -> Iterator[bytes]:
        yield b"{"
        raise error

    return StreamingHttpResponse(body(), headers={"Content-Length": "2"})
