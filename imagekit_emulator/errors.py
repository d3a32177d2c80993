"""Exceptions that end a request with an error answer, or without an answer."""

from collections.abc import Mapping
from typing import Any

SUPPORT = "For support kindly contact us at support@imagekit.io ."


class ApiError(Exception):
    """An error answer of the management or upload API.

    `reason` is the error code of file and folder operations; `extra` holds further
    keys of the body, such as `missingFileIds`.
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
    """An error answer of a delivery URL: plain text and the header `ik-error`."""

    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.code = code
        self.text = text


class ConnectionDropped(ConnectionError):
    """The server must close the connection without an answer."""
