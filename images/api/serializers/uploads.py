"""Serializers of direct uploads."""

from typing import Any

from django.conf import settings
from rest_framework import serializers

from images.api.serializers.images import TEXTS
from images.models import Format, Image
from images.screening.inspection import ACCEPTED
from images.services.arrivals import FileTooLarge
from mediabackend.api.text import TextField, TextModelSerializer


class TicketRequestSerializer(TextModelSerializer[Image]):
    """The file that will be sent, and the texts of its image."""

    filename = TextField(
        max_length=255,
        help_text="The file's name on the client. It is stored under another name.",
    )
    size = serializers.IntegerField(
        min_value=1,
        help_text="The file's size in bytes. ImageKit refuses a larger file.",
    )
    content_type = TextField(
        max_length=255,
        help_text="image/jpeg, image/png, image/webp, image/gif, image/heic, "
        "image/heif or image/avif. ImageKit refuses a file of another type.",
    )

    class Meta:
        model = Image
        fields = [
            "filename",
            "size",
            "content_type",
            "caption",
            "alt_text",
            "visibility",
        ]
        extra_kwargs = TEXTS

    def validate_size(self, size: int) -> int:
        if size > settings.UPLOAD_MAX_BYTES:
            raise FileTooLarge
        return size

    def validate_content_type(self, text: str) -> Format:
        """Return the format; parameters, as in `image/png; x=y`, are ignored."""
        kind, _, name = text.partition(";")[0].strip().lower().partition("/")
        name = "heic" if name == "heif" else name
        if kind != "image" or name not in Format.values:
            raise serializers.ValidationError(ACCEPTED, "invalid_image")
        return Format(name)


class UploadFormSerializer(serializers.Serializer[Any]):
    """The fields of the form. Send them unchanged: the token signs them."""

    fileName = serializers.CharField()  # noqa: N815  (ImageKit's names)
    folder = serializers.CharField()
    useUniqueFileName = serializers.CharField()  # noqa: N815
    overwriteFile = serializers.CharField()  # noqa: N815
    isPrivateFile = serializers.CharField()  # noqa: N815
    checks = serializers.CharField()
    transformation = serializers.CharField()
    token = serializers.CharField()


class TicketSerializer(serializers.Serializer[Any]):
    """A permission to send one file to ImageKit."""

    id = serializers.UUIDField(
        help_text="The id of the image that the completed upload becomes."
    )
    upload_url = serializers.URLField(help_text="The URL to post the form to.")
    # A field of that name would hide the serializer's own `fields`.
    expires_at = serializers.DateTimeField(
        help_text="Begin to send the file before this time."
    )

    def get_fields(self) -> dict[str, Any]:
        declared = super().get_fields()
        form = UploadFormSerializer(help_text="Send all of them, before `file`.")
        last = declared.pop("expires_at")
        return {**declared, "fields": form, "expires_at": last}


class CompletionSerializer(serializers.Serializer[Any]):
    """The file that was sent with the ticket."""

    # No longer than the name of a stored file has room for.
    file_id = serializers.RegexField(
        r"^[A-Za-z0-9_-]{1,40}\Z", help_text="`fileId` in ImageKit's answer."
    )
