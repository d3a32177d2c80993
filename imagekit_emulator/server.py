"""The emulator behind a port of its own."""

from typing import TYPE_CHECKING, Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from imagekit_emulator.app import Emulator

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


class _Handler(WSGIRequestHandler):
    # With this version chunked bodies are understood and sent.
    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:
        """Log nothing: the emulator keeps a log of its own."""

    def connection_dropped(
        self, error: BaseException, environ: "WSGIEnvironment | None" = None
    ) -> None:
        # Otherwise the connection would stay open for the next request, and the
        # client would wait for an answer that never comes.
        self.close_connection = True


def open_server(app: Emulator, host: str, port: int) -> BaseWSGIServer:
    """Bind a threaded server; port 0 takes a free one, told by `server.port`.

    When the application raises `ConnectionDropped`, the server closes the socket
    without an answer, as it does for any lost connection.
    """
    return make_server(host, port, app, threaded=True, request_handler=_Handler)
