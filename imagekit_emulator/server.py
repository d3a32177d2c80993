"""An HTTP server for the emulator."""

from typing import TYPE_CHECKING, Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from imagekit_emulator.app import Emulator

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


class _Handler(WSGIRequestHandler):
    # HTTP/1.1 has chunked bodies, which the official clients send.
    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:
        """Log nothing: the emulator has a log of its own."""

    def connection_dropped(
        self, error: BaseException, environ: "WSGIEnvironment | None" = None
    ) -> None:
        # Otherwise the connection stays open for the next request, and the client
        # waits for an answer in vain.
        self.close_connection = True


def open_server(app: Emulator, host: str, port: int) -> BaseWSGIServer:
    """Return a threaded server that listens; port 0 takes a free port.

    When the application raises `ConnectionDropped`, the server closes the connection
    without an answer.
    """
    return make_server(host, port, app, threaded=True, request_handler=_Handler)
