"""The caching of answers that depend on who asks."""

from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.deprecation import MiddlewareMixin

_UNTOLD = "private, no-store"
# How a caller shows who they are.
_CREDENTIALS = ("Authorization", "Cookie")


class CachingMiddleware(MiddlewareMixin):
    """Keeps answers and errors out of caches, unless their view says otherwise.

    Only an answer that is `public` is the same for everybody: all others vary by who
    asks.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        response.headers.setdefault("Cache-Control", _UNTOLD)
        if "public" not in response.headers["Cache-Control"]:
            patch_vary_headers(response, _CREDENTIALS)
        return response
