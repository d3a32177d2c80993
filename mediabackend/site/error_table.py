"""The table of errors: which status and code each condition of the apps becomes.

REST framework's own errors, Django's and the database's are in
`mediabackend.api.errors`.
"""

from typing import Any, NamedTuple

from rest_framework import exceptions
from rest_framework.exceptions import APIException, ErrorDetail

from images.imagekit.errors import StorageError, StorageFileNotFound, StorageUnavailable
from images.media.formats.info import InvalidImage
from images.models import Image
from images.screening.removed import ContentRemoved
from images.services.direct_upload import (
    FileRefused,
    FileTooLarge,
    TicketExpired,
    TicketUsed,
    UnknownFile,
)
from images.services.exchange import ImageChanged, ImageTakenDown
from images.services.locking import ImageStale
from images.services.quota import OwnerGone, QuotaExceeded
from mediabackend.api.errors import ExceptionHandler as BaseExceptionHandler


class Answer(NamedTuple):
    """What the API answers to a condition.

    An empty `code` or `detail` is taken from the exception: its attribute `code`, its
    text. `field` names the field of the request that is wrong.
    """

    status: int
    code: str = ""
    detail: str = ""
    field: str = ""


# The first class that an exception is an instance of counts.
ANSWERS: dict[type[Exception], Answer] = {
    OwnerGone: Answer(
        401, "not_authenticated", "Authentication credentials were not provided."
    ),
    Image.DoesNotExist: Answer(404, "not_found", "Not found."),
    ImageTakenDown: Answer(
        403, "taken_down", "The moderators have taken the image down."
    ),
    ImageChanged: Answer(
        409, "conflict", "The image was changed by another request. Try again."
    ),
    ImageStale: Answer(
        412, "precondition_failed", "The image has changed since. Read it again."
    ),
    # A picture that cannot be decoded. What its structure tells, the serializer has
    # answered before.
    InvalidImage: Answer(400, field="file"),
    QuotaExceeded: Answer(
        403, "quota_exceeded", "Your images would take more than you may store."
    ),
    # RFC 7725 defines the status.
    ContentRemoved: Answer(
        451, "removed_content", "This picture was removed by the moderators before."
    ),
    # Whether the file is somebody else's or nobody's is not told.
    UnknownFile: Answer(
        400, "does_not_exist", "This upload has no file of this id.", "file_id"
    ),
    FileTooLarge: Answer(413, "file_too_large"),
    FileRefused: Answer(400, field="file_id"),
    TicketUsed: Answer(
        409, "upload_completed", "The upload was completed with another file."
    ),
    TicketExpired: Answer(
        410,
        "upload_expired",
        "The upload was not completed in time. Ask for a new one.",
    ),
    StorageUnavailable: Answer(
        503, "storage_unavailable", "The image storage does not answer. Try again soon."
    ),
    # Only another file can help.
    StorageFileNotFound: Answer(
        409, "file_missing", "The picture's file is missing. Upload it again."
    ),
    # ImageKit refuses our keys or our account: only an operator can help.
    StorageError: Answer(
        502, "storage_rejected", "The image storage refused the request."
    ),
}


class ExceptionHandler(BaseExceptionHandler):
    """Answers what the table says."""

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        for condition, answer in ANSWERS.items():
            if isinstance(exc, condition):
                return self._error(exc, answer)
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
            # The challenge that a 401 has to carry.
            error.auth_header = context["view"].get_authenticate_header(  # type: ignore[attr-defined]
                context["request"]
            )
        if isinstance(exc, StorageUnavailable):
            error.wait = max(1, round(exc.retry_after))  # type: ignore[attr-defined]
        return error
