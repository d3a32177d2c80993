"""The emulator as a WSGI application."""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.wrappers import Request, Response

from imagekit_emulator.auth import require_key
from imagekit_emulator.config import EmulatorConfig
from imagekit_emulator.delivery import error_response
from imagekit_emulator.errors import ApiError, ConnectionDropped, DeliveryError
from imagekit_emulator.faults import Fault, Faults
from imagekit_emulator.json_api import (
    add_api_headers,
    answer,
    error_answer,
    read_object,
)
from imagekit_emulator.origins import (
    answer_preflight,
    cors_headers,
    refuse_foreign_page,
)
from imagekit_emulator.request_log import RequestLog
from imagekit_emulator.routes import Route, url_map
from imagekit_emulator.services import Services

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

# The key in the environ of a function that waits some seconds. A transport without
# sockets puts its own there, which gives up when the client would.
SLEEP_KEY = "imagekit_emulator.sleep"


class Emulator:
    """One account, kept below `config.root`, which is created when it is missing.

    `faults`, `requests` and `purges` are for tests.
    """

    def __init__(self, config: EmulatorConfig) -> None:
        self.config = config
        self.services = Services.open(config)
        self._map = url_map(config.imagekit_id)

    @property
    def faults(self) -> Faults:
        return self.services.faults

    @property
    def requests(self) -> RequestLog:
        return self.services.requests

    def purges(self) -> list[dict[str, Any]]:
        return self.services.purges.all()

    def close(self) -> None:
        self.services.database.close()

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        return self.respond(environ)(environ, start_response)

    def respond(self, environ: "WSGIEnvironment") -> Response:
        """Answer a request; raises `ConnectionDropped` where a fault asks for it."""
        request = Request(environ)
        method = request.method
        if method == "OPTIONS":
            method = request.headers.get("Access-Control-Request-Method", "GET")
        try:
            # Routes do not depend on the host.
            adapter = self._map.bind("emulator")
            route, arguments = adapter.match(request.path, method)
        except HTTPException as error:
            return _no_route(request, self.config.imagekit_id, error)
        try:
            if request.method == "OPTIONS":
                return answer_preflight(route.area)
            refuse_foreign_page(self.config, request, route.area)
        except ApiError as error:
            return error_answer(error)
        if route.area == "control":
            response = self._handle(route, request, arguments)
        else:
            response = self._with_faults(route, request, arguments)
        response.headers.update(cors_headers(route.area))
        return response

    def _with_faults(
        self, route: Route, request: Request, arguments: Mapping[str, str]
    ) -> Response:
        fault = self.faults.take(route.operation)
        try:
            if fault and fault.kind == "drop_before":
                raise ConnectionDropped("a fault drops the connection before the work")
            if fault and fault.kind == "status":
                response = _fault_answer(fault)
            else:
                response = self._handle(route, request, arguments)
            if fault:
                response = _spoil(response, fault, request)
        except Exception:
            # The connection was dropped, or the client gave up during a wait.
            self._log(route, request, status=0)
            raise
        self._log(route, request, status=response.status_code)
        return response

    def _handle(
        self, route: Route, request: Request, arguments: Mapping[str, str]
    ) -> Response:
        try:
            if route.area in {"api", "control"}:
                require_key(self.services, request)
            response = route.handler(self.services, request, **arguments)
        except ApiError as error:
            response = error_answer(error)
        except DeliveryError as error:
            response = error_response(error)
        except HTTPException as error:
            response = error_answer(ApiError(error.code or 400, error.name))
        if route.area != "cdn":
            add_api_headers(response, rate_limited=route.area == "api")
        return response

    def _log(self, route: Route, request: Request, *, status: int) -> None:
        path = request.path + (f"?{urlencode(request.args)}" if request.args else "")
        self.requests.add(
            route.operation,
            request.method,
            path,
            status=status,
            ids=_count_ids(route, request),
        )


def _no_route(request: Request, imagekit_id: str, error: HTTPException) -> Response:
    is_api = request.path.startswith(("/v1/", "/api/", "/_emulator/"))
    if not is_api and isinstance(error, NotFound):
        text = f"The URL is not one of the account {imagekit_id}"
        return error_response(DeliveryError(404, "ENOENT", text))
    status = 405 if isinstance(error, MethodNotAllowed) else 404
    message = (
        f"The emulator has no {request.method} {request.path};"
        " imagekit_emulator/README.md lists what it has."
    )
    response = error_answer(ApiError(status, message))
    add_api_headers(response, rate_limited=False)
    return response


def _count_ids(route: Route, request: Request) -> int:
    """Return the number of ids that a bulk request names."""
    if route.operation not in {"bulk_delete", "tags"}:
        return 0
    try:
        file_ids = read_object(request).get("fileIds")
    except (ApiError, HTTPException):
        return 0
    return len(file_ids) if isinstance(file_ids, list) else 0


def _fault_answer(fault: Fault) -> Response:
    body = fault.body
    if body is None:
        body = {"message": f"Fault with status {fault.status}", "help": ""}
    if isinstance(body, str):
        response = Response(body, fault.status, mimetype="text/plain")
    else:
        response = answer(body, fault.status)
    response.headers.update(fault.headers)
    add_api_headers(response, rate_limited=fault.status == 429)
    return response


def _spoil(response: Response, fault: Fault, request: Request) -> Response:
    """Apply a fault to an answer after the work is done."""
    if fault.kind == "latency":
        sleep: Callable[[float], None] = request.environ.get(SLEEP_KEY, time.sleep)
        try:
            sleep(fault.seconds)
        except BaseException:
            response.close()
            raise
    if fault.kind == "lost_response":
        response.close()
        raise ConnectionDropped("a fault drops the connection after the work")
    if fault.kind in {"garbage", "empty"}:
        response.close()
        text = '{"fileId": "tru' if fault.kind == "garbage" else ""
        return Response(text, response.status_code, mimetype="application/json")
    return response
