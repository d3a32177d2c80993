"""The caching of answers that depend on who asks."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

_UNTOLD = "private, no-store"
# How a caller shows who they are.
_CREDENTIALS = ("Authorization", "Cookie")


class CachingMiddleware:
    """Keeps answers and errors out of caches, unless their view says otherwise.

    Only an answer that is `public` is the same for everybody: all others vary by who
    asks.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", _UNTOLD)
        if "public" not in response.headers["Cache-Control"]:
            patch_vary_headers(response, _CREDENTIALS)
        return response
