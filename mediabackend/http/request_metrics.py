"""Counters and times of requests."""

import re
import time
from collections.abc import Callable
from functools import lru_cache

from django.http import HttpRequest, HttpResponse
from prometheus_client import Counter, Histogram

from mediabackend.telemetry.counters import REQUEST_SECONDS, REQUESTS

# Everything that no route answers: unknown paths, static files, and what other
# middleware answers, such as a body that is too large.
NO_ROUTE = "none"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_PARAMETER = re.compile(r"\(\?P<(\w+)>[^)]*\)|<(?:\w+:)?(\w+)>")


class RequestMetricsMiddleware:
    """Counts requests by their route's template, and measures the time they take."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        before = time.perf_counter()
        response = self.get_response(request)
        method = request.method if request.method in _METHODS else "OTHER"
        match = request.resolver_match
        route = match.route if match else None
        requests, seconds = _series(method, route, response.status_code)
        requests.inc()
        seconds.observe(time.perf_counter() - before)
        return response


@lru_cache(maxsize=1024)
def _series(method: str, route: str | None, status: int) -> tuple[Counter, Histogram]:
    """Return the counter and the histogram; looking them up takes much longer."""
    name = NO_ROUTE if route is None else template_of(route)
    return (
        REQUESTS.labels(method, name, str(status)),
        REQUEST_SECONDS.labels(method, name),
    )


def template_of(route: str) -> str:
    """Return a route as the OpenAPI document writes it: `/api/v1/images/{pk}/`."""
    path = _PARAMETER.sub(lambda found: f"{{{found[1] or found[2]}}}", route)
    return "/" + re.sub(r"\^|\$|\\Z", "", path)
