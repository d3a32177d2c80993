from rest_framework.exceptions import APIException


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
