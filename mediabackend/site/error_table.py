"""The table of the errors of the apps and of Django, with the status and code of each.

So every error has one shape, whether a view, a service or Django raised it.
"""

import errno
from typing import Any, NamedTuple

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http.request import UnreadablePostError
from drf_standardized_errors.handler import ExceptionHandler as BaseExceptionHandler
from rest_framework import exceptions
from rest_framework.exceptions import APIException, AuthenticationFailed, ErrorDetail
from rest_framework_simplejwt.exceptions import (
    AuthenticationFailed as TokenAuthenticationFailed,
)

from accounts.models.attempts import LockedOut
from accounts.services.credentials import EmailTaken, PasswordChanged
from accounts.services.invitations import InvalidInvitation
from accounts.services.one_time_links import InvalidLink
from accounts.services.sign_up import SignupClosed
from accounts.tokens.sessions import NoActiveAccount
from images.imagekit.errors import StorageError, StorageFileNotFound, StorageUnavailable
from images.media.formats.info import InvalidImage
from images.models import Image
from images.moderation.reports import ReporterGone
from images.screening.copies import ContentRemoved
from images.services.arrivals import FileRefused, FileTooLarge, UnknownFile
from images.services.direct_upload import TicketExpired, TicketUsed
from images.services.exchange import ImageChanged, ImageTakenDown
from images.services.locking import ImageStale
from images.services.quota import OwnerGone, QuotaExceeded
from mediabackend.http.body_limit import FormFileTooLarge
from mediabackend.http.error_responses import DatabaseUnavailable


class Answer(NamedTuple):
    """The API's answer to a condition.

    For an empty `code` the exception's attribute `code` is used, for an empty `detail`
    its text. `field` names the wrong field of the request.
    """

    status: int
    code: str = ""
    detail: str = ""
    field: str = ""


_ACCOUNT_GONE = Answer(
    401, "not_authenticated", "Authentication credentials were not provided."
)
_UNREADABLE = Answer(400, "parse_error", "The request could not be read.")
# The first class that an exception is an instance of counts.
ANSWERS: dict[type[Exception], Answer] = {
    NoActiveAccount: Answer(
        401, "no_active_account", "No active account has these credentials."
    ),
    LockedOut: Answer(429, "login_locked"),
    InvalidLink: Answer(
        400,
        "invalid_token",
        "The link does not work: it is too old, was used before, or is incomplete.",
        "token",
    ),
    SignupClosed: Answer(403, "signup_closed", "Nobody can sign up here."),
    InvalidInvitation: Answer(400, "invalid_invitation", field="invitation"),
    # Only people who read the mails to this e-mail are told.
    EmailTaken: Answer(
        400, "unique", "This e-mail address has an account already.", "token"
    ),
    # The password that the caller gave was right a moment ago.
    PasswordChanged: Answer(
        400, "wrong_password", "The password is wrong.", "current_password"
    ),
    OwnerGone: _ACCOUNT_GONE,
    ReporterGone: _ACCOUNT_GONE,
    Image.DoesNotExist: Answer(404, "not_found", "Not found."),
    ImageTakenDown: Answer(
        403, "taken_down", "The moderators have taken the image down."
    ),
    ImageChanged: Answer(
        409, "conflict", "The image was changed by another request. Try again."
    ),
    ImageStale: Answer(
        412,
        "precondition_failed",
        "The image has changed since you read it. Read it again.",
    ),
    # A picture that cannot be decoded. What its structure tells, the serializer has
    # answered before.
    InvalidImage: Answer(400, field="file"),
    QuotaExceeded: Answer(
        403, "quota_exceeded", "The image does not fit into your storage quota."
    ),
    # RFC 7725 defines the status.
    ContentRemoved: Answer(
        451, "removed_content", "The moderators have removed this picture before."
    ),
    # The same answer for a file that does not exist and for another user's file.
    UnknownFile: Answer(
        400, "does_not_exist", "This upload has no file with this id.", "file_id"
    ),
    FileTooLarge: Answer(413, "file_too_large"),
    FileRefused: Answer(400, field="file_id"),
    TicketUsed: Answer(
        409, "upload_completed", "The upload was completed with another file."
    ),
    TicketExpired: Answer(
        410,
        "upload_expired",
        "The upload was not completed in time. Get a new ticket.",
    ),
    StorageUnavailable: Answer(
        503, "storage_unavailable", "The image storage does not answer. Try again soon."
    ),
    # The owner has to upload the picture again.
    StorageFileNotFound: Answer(
        409, "file_missing", "The picture's file is missing. Upload it again."
    ),
    # ImageKit refuses the keys or the account: an operator has to act.
    StorageError: Answer(
        502, "storage_rejected", "The image storage refused the request."
    ),
    FormFileTooLarge: Answer(413, "file_too_large"),
    # Django's own text names a setting.
    RequestDataTooBig: Answer(413, "file_too_large", "The upload is too large."),
    SuspiciousOperation: _UNREADABLE,
    UnreadablePostError: _UNREADABLE,
}


class StorageFull(APIException):
    """The disk for temporary files is full (RFC 4918, section 11.5)."""

    status_code = 507
    default_detail = "The server has no room for this right now. Try again later."
    default_code = "server_full"
    wait = 60


class ExceptionHandler(BaseExceptionHandler):
    """Looks errors up in the table, and knows those of the database and of tokens."""

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        for condition, answer in ANSWERS.items():
            if isinstance(exc, condition):
                return self._error(exc, answer)
        match exc:
            case OperationalError() | InterfaceError():
                return DatabaseUnavailable()
            case OSError() if exc.errno in (errno.ENOSPC, errno.EDQUOT):
                return StorageFull()
            case TokenAuthenticationFailed():
                return _plain_authentication_failure(exc)
        return super().convert_known_exceptions(exc)

    def _error(self, exc: Exception, answer: Answer) -> APIException:
        code = answer.code or str(getattr(exc, "code", ""))
        detail = answer.detail or str(exc)
        if answer.field:
            field = {answer.field: [ErrorDetail(detail, code)]}
            return exceptions.ValidationError(field)
        error = APIException(detail, code)
        error.status_code = answer.status
        if answer.status == exceptions.NotAuthenticated.status_code:
            context: Any = self.context
            # A 401 must have a `WWW-Authenticate` header.
            error.auth_header = context["view"].get_authenticate_header(  # type: ignore[attr-defined]
                context["request"]
            )
        if isinstance(exc, StorageUnavailable | LockedOut):
            error.wait = max(1, round(exc.retry_after))  # type: ignore[attr-defined]
        return error


def _plain_authentication_failure(
    exc: TokenAuthenticationFailed,
) -> AuthenticationFailed:
    """Return SimpleJWT's error as a text; its dictionary would look like fields."""
    detail: Any = exc.detail
    error = AuthenticationFailed(str(detail["detail"]), str(detail["code"]))
    # The view has put the `WWW-Authenticate` header of the 401 here.
    error.auth_header = getattr(exc, "auth_header", None)  # type: ignore[attr-defined]
    return error
