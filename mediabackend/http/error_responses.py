"""Errors outside of REST framework's views, as JSON or as a page."""

from http import HTTPStatus

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import is_valid_path
from django.utils.deprecation import MiddlewareMixin
from django.utils.encoding import escape_uri_path
from rest_framework.exceptions import APIException
from rest_framework.response import Response


class DatabaseUnavailable(APIException):
    status_code = 503
    default_detail = "The database does not answer. Try again soon."
    default_code = "database_unavailable"
    wait = 5


class ErrorResponsesMiddleware(MiddlewareMixin):
    """Answers in JSON below `/api/` where Django has a page, such as those of DEBUG.

    Django has logged the error before. Pages get a 503 when the database is gone.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if response.status_code < 400 or not is_api(request):
            return response
        kind = response.headers.get("Content-Type", "")
        if isinstance(response, Response) or kind.startswith("application/json"):
            return response
        return _as_json(request, response.status_code)

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponse | None:
        if not isinstance(exception, OperationalError | InterfaceError):
            return None
        gone = DatabaseUnavailable()
        code, detail = gone.default_code, gone.default_detail
        return error_response(request, 503, code, detail, retry_after=gone.wait)


def is_api(request: HttpRequest) -> bool:
    """Say whether the path is one of the API's, known or not."""
    return f"{request.path_info}/".startswith("/api/")


def error_response(
    request: HttpRequest,
    status: int,
    code: str,
    detail: str,
    *,
    retry_after: int | None = None,
) -> HttpResponse:
    """Return an error as the API's JSON, or as a page outside of the API."""
    if is_api(request):
        kind = "server_error" if status >= 500 else "client_error"
        error = {"code": code, "detail": detail, "attr": None}
        body = {"type": kind, "errors": [error]}
        response: HttpResponse = JsonResponse(body, status=status)
    else:
        context = {"status": status, "detail": detail}
        response = render(request, "error.html", context, status=status)
    if retry_after is not None:
        response["Retry-After"] = str(retry_after)
    return response


def bad_request(
    request: HttpRequest, exception: Exception | None = None
) -> HttpResponse:
    return error_response(request, 400, "bad_request", "The request could not be read.")


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_response(
        request,
        403,
        "permission_denied",
        "You do not have permission to perform this action.",
    )


def page_not_found(
    request: HttpRequest, exception: Exception | None = None
) -> HttpResponse:
    detail = "Not found."
    if is_api(request) and is_valid_path(f"{request.path_info}/"):
        # Reads are redirected; a redirect would lose the body of others.
        detail += f" The path ends with a slash: {escape_uri_path(request.path)}/"
    return error_response(request, 404, "not_found", detail)


def server_error(request: HttpRequest) -> HttpResponse:
    return error_response(request, 500, "error", "An error occurred on the server.")


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
