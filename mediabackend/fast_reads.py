"""The reads that clients make most, past all that has no say in them.

What is left out is for pages, for sessions, for forms and for changes. The views are
the same, and so are their permissions, throttles and answers: a test compares them,
header by header.
"""

import re
from collections.abc import Callable
from typing import Any, cast

from django.core.exceptions import SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import get_script_prefix, resolve, reverse
from django.utils.cache import patch_vary_headers
from django.utils.functional import cached_property
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from accounts.tokens import TokenAuthentication
from mediabackend.errors import database_unavailable
from mediabackend.renderers import JSONRenderer

_ID = "any-id"
_ROUTES = (("me", ()), ("image-list", ()), ("image-detail", (_ID,)))
_JSON = ("", "*/*", "application/json")
_LONG_QUERY = 1000
# Whatever brings one of these is not for here: a session, or a body.
_ODD = ("HTTP_COOKIE", "CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING")


class FastReadsMiddleware:
    """Answers GETs with a token on some routes; all other requests go on.

    It stands below the middleware that adds headers, and above all other. It only
    answers what succeeds: what is wrong with a request is found, and said, by those
    who would have got it. Only a database that fails is not asked again.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._answer(request) or self.get_response(request)

    def _answer(self, request: HttpRequest) -> HttpResponseBase | None:
        if request.method != "GET" or not _is_plain(request.META):
            return None
        for route in self._routes:
            if match := route.path.fullmatch(request.path_info):
                break
        else:
            return None
        try:
            # Where URLs are made the host is looked at, but not all views make some.
            request.get_host()
            return route.answer(request, match.groupdict())
        except (APIException, Http404, SuspiciousOperation):
            return None
        except (OperationalError, InterfaceError):
            return database_unavailable(request)

    @cached_property
    def _routes(self) -> "list[_Route]":
        # Not before: the routes import what imports the settings.
        prefix = get_script_prefix()
        paths = [reverse(name, args=args) for name, args in _ROUTES]
        return [_Route("/" + path.removeprefix(prefix)) for path in paths]


class _Route:
    """A path, and the view that answers a GET there."""

    def __init__(self, path: str) -> None:
        pattern = re.escape(path).replace(re.escape(_ID), "(?P<pk>[^/]+)")
        self.path = re.compile(pattern)
        self._view: Any = resolve(path).func
        # A view set's names for the methods of HTTP.
        self._actions: dict[str, str] = getattr(self._view, "actions", None) or {}
        self._method = self._actions.get("get", "get")
        view = self._make_view()
        for method, action in self._actions.items():
            setattr(view, method, getattr(view, action))
        # Where there is a GET it answers a HEAD, too.
        view.setup(HttpRequest())
        self._headers: dict[str, str] = view.default_response_headers

    def answer(
        self, http_request: HttpRequest, kwargs: dict[str, str]
    ) -> HttpResponseBase | None:
        """Return the view's answer, None without a user; raises what it raises."""
        request = Request(http_request)
        found = TokenAuthentication().authenticate(request)
        if found is None:
            return None
        request.user, request.auth = cast(User, found[0]), found[1]
        request.accepted_renderer = renderer = JSONRenderer()
        view = self._make_view()
        view.request, view.kwargs = request, kwargs
        view.check_permissions(request)
        view.check_throttles(request)
        response = getattr(view, self._method)(request, **kwargs)
        return self._finished(response, renderer)

    def _make_view(self) -> Any:
        view = self._view.cls(**self._view.initkwargs)
        view.action = self._actions.get("get")
        view.args, view.format_kwarg = (), None
        return view

    def _finished(
        self, response: HttpResponseBase, renderer: JSONRenderer
    ) -> HttpResponseBase:
        """Do what the REST framework and the common middleware would."""
        if isinstance(response, Response):
            response.content = renderer.render(response.data)
            response["Content-Type"] = renderer.media_type
        for name, value in self._headers.items():
            if name == "Vary":
                patch_vary_headers(response, [value])
            else:
                response[name] = value
        response["Content-Length"] = str(len(getattr(response, "content", b"")))
        return response


def _is_plain(meta: dict[str, Any]) -> bool:
    return (
        meta.get("HTTP_AUTHORIZATION", "").startswith("Bearer ")
        and meta.get("HTTP_ACCEPT", "") in _JSON
        # Others may have more parameters than Django takes.
        and len(meta.get("QUERY_STRING", "")) < _LONG_QUERY
        and not any(map(meta.get, _ODD))
    )
