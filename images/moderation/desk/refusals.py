"""Messages to moderators about decisions and edits that were refused."""

from collections.abc import Iterator
from contextlib import contextmanager

from accounts.models import User
from images.imagekit.errors import StorageError
from images.models import Image
from images.moderation.concurrency import DecidedMeanwhile, PictureReplaced
from images.moderation.decisions import NotPossible
from images.services.exchange import ImageChanged, ImageTakenDown

_DELETED = "It was deleted meanwhile. Nothing was changed."
_OUT_OF_SIGHT = (
    "It was deleted meanwhile, or is a private image without open reports. "
    "Nothing was changed."
)

# The first class that an exception is an instance of counts. An empty text stands
# for the text of the exception.
_MESSAGES: dict[type[Exception], str] = {
    DecidedMeanwhile: "Somebody else decided on this image meanwhile. "
    "Nothing was changed.",
    PictureReplaced: "The owner has replaced the picture meanwhile. "
    "Nothing was changed.",
    NotPossible: "",
    ImageTakenDown: "The image was taken down meanwhile. Nothing was changed.",
    ImageChanged: "The image was changed meanwhile. Try again.",
    Image.DoesNotExist: _OUT_OF_SIGHT,
    User.DoesNotExist: _DELETED,
    StorageError: "ImageKit could not move the file. Nothing was changed. "
    "Try again later.",
}


class Refused(Exception):
    """Nothing was changed; the message tells the moderator why."""


@contextmanager
def explaining_refusals() -> Iterator[None]:
    """Raise Refused, with a message, where the block raises an error of the table."""
    try:
        yield
    except tuple(_MESSAGES) as error:
        text = next(text for kind, text in _MESSAGES.items() if isinstance(error, kind))
        raise Refused(text or str(error)) from error
