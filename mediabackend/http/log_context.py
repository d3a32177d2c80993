"""The request in log lines: its id, the client's IP address, and the user's id."""

import logging

from django.http import HttpRequest

from mediabackend.http.client_ip import client_ip
from mediabackend.http.current_request import current_request, user_id_of
from mediabackend.http.request_id import current_request_id


class RequestContextFilter(logging.Filter):
    """Adds `request_id`, `ip` and `user_id` to log records, or `-` for each."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not hasattr(record, "request_id"):
            record.request_id = current_request_id()
        # Django logs errors after all middleware, and hands the request on.
        request = current_request() or getattr(record, "request", None)
        if isinstance(request, HttpRequest):
            # Some lines are about an IP address of their own.
            record.ip = getattr(record, "ip", None) or client_ip(request) or "-"
            record.user_id = user_id_of(request)
        return True
