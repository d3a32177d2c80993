"""Configuration of gunicorn, which reads it from the folder where it starts."""

import ctypes
import gc
import os
import platform
import socket
import struct
from typing import Any

from mediabackend.server.metric_files import (
    forget_worker,
    make_folder,
    number_worker,
    remove_folder,
    use_folder,
)

wsgi_app = "mediabackend.wsgi:application"
# An empty variable is as good as none.
_host, _port = os.environ.get("HOST"), os.environ.get("PORT")
bind = f"{_host or '127.0.0.1'}:{_port or '8000'}"
workers = int(os.environ.get("WEB_CONCURRENCY") or "2")
# Uploads wait for ImageKit, and threads that wait cost very little.
worker_class = "mediabackend.server.worker.WholeHeadWorker"
threads = 16
if platform.libc_ver()[0] == "glibc":
    # Otherwise each thread has a heap of its own, which keeps the memory of its past
    # uploads: an eighth of all memory under load. -8 is M_ARENA_MAX, see mallopt(3).
    _libc = ctypes.CDLL(None)
    _libc.mallopt(-8, 2)
    # Pictures of 1 MiB and more go back to the system at once. Otherwise glibc raises
    # these limits, M_MMAP_THRESHOLD and M_TRIM_THRESHOLD, after the first large one.
    _libc.mallopt(-3, 2**20)
    _libc.mallopt(-1, 2**20)
# Above the longest wait for ImageKit, see images/imagekit/client.py.
timeout = 60
graceful_timeout = 30
keepalive = 5
# Tokens of up to 4096 characters fit in one field, with room to spare. nginx takes
# 8 KiB in four pieces by default, see docs/configuration.md.
limit_request_line = 4094
limit_request_fields = 64
limit_request_field_size = 8190
# Seconds within which a client must send, or read, the next part of a body.
STALLED_SECONDS = 20
# A time-out of the kernel, see socket(7). Python's own adds a poll to each read and
# write.
_STALLED = struct.pack("ll", STALLED_SECONDS, 0)
# Limits the memory that a worker can leak.
max_requests = 100_000
max_requests_jitter = 10_000
# gunicorn is steered by signals; its control socket would need a home folder.
control_socket_disable = True
accesslog = "-"
logger_class = "mediabackend.server.access_log.AccessLogger"
# The ips and networks whose X-Forwarded-Proto is trusted.
forwarded_allow_ips = os.environ.get("TRUSTED_PROXIES") or "127.0.0.1,::1"
# Headers of a proxy cannot change the path of a request.
forwarder_headers = ""
# The folder for the metrics of all workers.
on_starting = make_folder
pre_fork = number_worker
post_fork = use_folder
child_exit = forget_worker
on_exit = remove_folder


def post_worker_init(worker: Any) -> None:
    """Exclude all imported objects from garbage collection.

    They stay until the end, and a collection of them stops all threads for 0.1 s.
    """
    gc.collect()
    gc.freeze()
    # The settings have read it, and mediabackend.wsgi takes the path off all requests.
    # gunicorn would answer 500 to those outside of it.
    os.environ.pop("SCRIPT_NAME", None)


def pre_request(worker: Any, request: Any) -> None:
    """Give up on clients that stall or are too slow, and on the rest of refused bodies.

    A body over the limit is not read to the end, so no other request can follow it.
    """
    # Imported here and not in the main process, which keeps old code at a reload.
    from mediabackend.http.body_limit import largest_form
    from mediabackend.server.client_socket import ClientSocket

    unreader = request.unreader
    if not isinstance(unreader.sock, ClientSocket):
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            unreader.sock.setsockopt(socket.SOL_SOCKET, option, _STALLED)
        unreader.sock = ClientSocket(unreader.sock)
    unreader.sock.begin_request()
    for name, value in request.headers:
        if name == "CONTENT-LENGTH" and value.isdecimal():
            if int(value) > largest_form():
                request.force_close()
        elif name == "TRANSFER-ENCODING":
            request.force_close()
