"""Errors below `/api/` that no view of REST framework answered, as JSON."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from rest_framework.response import Response

from mediabackend.http.error_responses import (
    bad_request,
    error_response,
    is_api,
    page_not_found,
    server_error,
)


class APIErrorsMiddleware:
    """Answers in JSON where Django has a page, such as its pages for debugging.

    Django has logged the error before.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code < 400 or not is_api(request):
            return response
        kind = response.headers.get("Content-Type", "")
        if isinstance(response, Response) or kind.startswith("application/json"):
            return response
        return _as_json(request, response.status_code)


def _as_json(request: HttpRequest, status: int) -> HttpResponse:
    if status == 400:
        return bad_request(request)
    if status == 404:
        return page_not_found(request)
    if status >= 500:
        return server_error(request)
    known = HTTPStatus(status)
    code = known.name.lower()
    return error_response(request, status, code, f"{known.phrase}.")
