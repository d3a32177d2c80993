"""One shape for every error, whether a view, Django or a middleware raised it."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.shortcuts import render
from drf_standardized_errors.handler import ExceptionHandler as BaseExceptionHandler
from rest_framework.exceptions import APIException, AuthenticationFailed, ParseError
from rest_framework_simplejwt.exceptions import (
    AuthenticationFailed as TokenAuthenticationFailed,
)

from images.moderation.removed import ContentRemoved
from images.owners import QuotaExceeded
from images.storage_errors import StorageError, StorageFileNotFound, StorageUnavailable

_DATABASE_RETRY_SECONDS = 5


class FileTooLarge(APIException):
    status_code = 413
    default_detail = "The upload is too large."
    default_code = "file_too_large"


class DatabaseUnavailable(APIException):
    status_code = 503
    default_detail = "The database does not answer. Try again soon."
    default_code = "database_unavailable"
    wait = _DATABASE_RETRY_SECONDS


class StorageQuotaExceeded(APIException):
    """The caller has no room left; deleting images makes some."""

    status_code = 403
    default_detail = "Your images would take more than you may store."
    default_code = "quota_exceeded"


class RemovedContent(APIException):
    """The file is one that the moderators took down (RFC 7725 has the status)."""

    status_code = 451
    default_detail = "This picture was removed by the moderators before."
    default_code = "removed_content"


class StorageUnavailableError(APIException):
    """ImageKit is down, slow or limits our rate; nothing was kept."""

    status_code = 503
    default_detail = "The image storage does not answer. Try again soon."
    default_code = "storage_unavailable"

    def __init__(self, wait: float) -> None:
        super().__init__()
        self.wait = max(1, round(wait))


class StorageRejectedError(APIException):
    """ImageKit refuses our keys or our account; only an operator can help."""

    status_code = 502
    default_detail = "The image storage refused the request."
    default_code = "storage_rejected"


class FileMissing(APIException):
    """An image's file is gone at ImageKit: only another file can help."""

    status_code = 409
    default_detail = "The picture's file is missing. Upload it again."
    default_code = "file_missing"


class ExceptionHandler(BaseExceptionHandler):
    """Map what is not an APIException, but has a well-defined answer, to one."""

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        match exc:
            case RequestDataTooBig():
                # Django's own text names a setting.
                return FileTooLarge(getattr(exc, "detail", None))
            case SuspiciousOperation() | UnreadablePostError():
                return ParseError("The request could not be read.")
            case OperationalError() | InterfaceError():
                return DatabaseUnavailable()
            case TokenAuthenticationFailed():
                return _plain_authentication_failure(exc)
            case QuotaExceeded():
                return StorageQuotaExceeded()
            case ContentRemoved():
                return RemovedContent()
            case StorageUnavailable():
                return StorageUnavailableError(wait=exc.retry_after)
            case StorageFileNotFound():
                return FileMissing()
            case StorageError():
                return StorageRejectedError()
        return super().convert_known_exceptions(exc)


def _plain_authentication_failure(
    exc: TokenAuthenticationFailed,
) -> AuthenticationFailed:
    """Return SimpleJWT's error with a text: as a dictionary it looks like fields."""
    detail: Any = exc.detail
    error = AuthenticationFailed(str(detail["detail"]), str(detail["code"]))
    # Put there by the view: the challenge that a 401 carries.
    error.auth_header = getattr(exc, "auth_header", None)  # type: ignore[attr-defined]
    return error


class DatabaseErrorMiddleware:
    """Answer 503 where a page outside the API finds the database gone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponse | None:
        if not isinstance(exception, OperationalError | InterfaceError):
            return None
        return database_unavailable(request)


def database_unavailable(request: HttpRequest) -> HttpResponse:
    """Return the answer when the database is gone."""
    error = DatabaseUnavailable()
    response = error_response(request, 503, error.default_code, error.default_detail)
    response["Retry-After"] = str(error.wait)
    return response


def error_response(
    request: HttpRequest, status: int, code: str, detail: str
) -> HttpResponse:
    """Return an error in the API's shape, or as a page outside the API."""
    if request.path.startswith("/api/"):
        kind = "server_error" if status >= 500 else "client_error"
        error = {"code": code, "detail": detail, "attr": None}
        return JsonResponse({"type": kind, "errors": [error]}, status=status)
    return render(
        request, "error.html", {"status": status, "detail": detail}, status=status
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_response(request, 400, "bad_request", "Bad request.")


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_response(request, 403, "permission_denied", "Not allowed.")


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_response(request, 404, "not_found", "Not found.")


def server_error(request: HttpRequest) -> HttpResponse:
    return error_response(request, 500, "error", "Something went wrong on our side.")
