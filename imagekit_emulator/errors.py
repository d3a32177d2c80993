"""The two ways a request ends early: an error answer, or no answer at all."""

from collections.abc import Mapping
from typing import Any

SUPPORT = "For support kindly contact us at support@imagekit.io ."


class ApiError(Exception):
    """An answer of the management or upload API with a status of 400 or more.

    `reason` is the machine-readable code of file and folder operations; `extra`
    holds further keys of the body, such as `missingFileIds`.
    """

    def __init__(
        self,
        status: int,
        message: str,
        reason: str | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.reason = reason
        self.extra = dict(extra or {})

    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = {"message": self.message, "help": SUPPORT}
        if self.reason:
            body["reason"] = self.reason
        return body | self.extra


class DeliveryError(Exception):
    """An answer of the delivery side: plain text and an `ik-error` header."""

    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.code = code
        self.text = text


class ConnectionDropped(ConnectionError):
    """The connection ends without an answer; servers close the socket on it."""
