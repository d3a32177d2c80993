"""One shape for every error, whether a view, Django or a middleware raised it."""

import errno
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http.request import UnreadablePostError
from drf_standardized_errors.handler import ExceptionHandler as BaseExceptionHandler
from rest_framework.exceptions import APIException, AuthenticationFailed, ParseError
from rest_framework_simplejwt.exceptions import (
    AuthenticationFailed as TokenAuthenticationFailed,
)

from mediabackend.http.error_responses import DatabaseUnavailable


class BodyTooLarge(APIException):
    status_code = 413
    default_detail = "The upload is too large."
    default_code = "file_too_large"


class StorageFull(APIException):
    """The disk for temporary files is full (RFC 4918, section 11.5)."""

    status_code = 507
    default_detail = "The server has no room for this right now. Try again later."
    default_code = "server_full"
    wait = 60


class ExceptionHandler(BaseExceptionHandler):
    """Convert errors of Django, the database and SimpleJWT to an APIException."""

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        match exc:
            case RequestDataTooBig():
                # Django's own text names a setting.
                return BodyTooLarge(getattr(exc, "detail", None))
            case SuspiciousOperation() | UnreadablePostError():
                return ParseError("The request could not be read.")
            case OperationalError() | InterfaceError():
                return DatabaseUnavailable()
            case OSError() if exc.errno in (errno.ENOSPC, errno.EDQUOT):
                return StorageFull()
            case TokenAuthenticationFailed():
                return _plain_authentication_failure(exc)
        return super().convert_known_exceptions(exc)


def _plain_authentication_failure(
    exc: TokenAuthenticationFailed,
) -> AuthenticationFailed:
    """Return SimpleJWT's error as a text; its dictionary would look like fields."""
    detail: Any = exc.detail
    error = AuthenticationFailed(str(detail["detail"]), str(detail["code"]))
    # The view has put the `WWW-Authenticate` header of the 401 here.
    error.auth_header = getattr(exc, "auth_header", None)  # type: ignore[attr-defined]
    return error
