"""The request that is being answered, for code that is not handed it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

_current: ContextVar[HttpRequest | None] = ContextVar("current_request", default=None)


# The variable of the request in which the server's access log finds the user's id.
USER_ID = "mediabackend.user_id"


class CurrentRequestMiddleware:
    """Notes the request while it is answered, and at the end whose it was."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with answering(request):
            response = self.get_response(request)
        request.META[USER_ID] = user_id_of(request)
        return response


@contextmanager
def answering(request: HttpRequest) -> Iterator[None]:
    """Make this the current request."""
    token = _current.set(request)
    try:
        yield
    finally:
        _current.reset(token)


def current_request() -> HttpRequest | None:
    """Return the request that is being answered; None in commands and tasks."""
    return _current.get()


def user_id_of(request: HttpRequest) -> str:
    """Return the id of the user, as far as it has been found out, or `-`."""
    user = request.__dict__.get("user")
    if isinstance(user, SimpleLazyObject):
        # Looking at it would read the session and the user from the database.
        user = request.__dict__.get("_cached_user")
    return str(getattr(user, "pk", None) or "-")
