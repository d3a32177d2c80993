"""What the endpoints of direct uploads take and give."""

from typing import Any, ClassVar

from django.conf import settings
from rest_framework import serializers

from images.models import Format, Image
from images.screening.inspection import ACCEPTED
from mediabackend.api.errors import FileTooLarge
from mediabackend.api.text import TextField, TextModelSerializer


class TicketRequestSerializer(TextModelSerializer[Image]):
    """What is going to be sent, and the texts of the image that it makes."""

    filename = TextField(
        max_length=255,
        help_text="What the file is called at home. It is stored under another name.",
    )
    size = serializers.IntegerField(
        min_value=1, help_text="Bytes; ImageKit takes no more than this."
    )
    content_type = TextField(
        max_length=255,
        help_text="image/jpeg, image/png, image/webp or image/gif; ImageKit takes "
        "nothing else than this.",
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
        extra_kwargs: ClassVar[dict[str, Any]] = {
            "caption": {"multiline": True},
            "alt_text": {"multiline": True},
        }

    def validate_size(self, size: int) -> int:
        if size > settings.UPLOAD_MAX_BYTES:
            raise FileTooLarge(
                f"The upload is larger than the limit of {settings.UPLOAD_MAX_BYTES} "
                "bytes."
            )
        return size

    def validate_content_type(self, text: str) -> Format:
        """Return the format; parameters, as in `image/png; x=y`, say nothing of it."""
        kind, _, name = text.partition(";")[0].strip().lower().partition("/")
        if kind != "image" or name not in Format.values:
            raise serializers.ValidationError(ACCEPTED, "invalid_image")
        return Format(name)


class UploadFormSerializer(serializers.Serializer[Any]):
    """The form's fields, to be sent as they are: the token fixes them."""

    fileName = serializers.CharField()  # noqa: N815  (ImageKit's names)
    folder = serializers.CharField()
    useUniqueFileName = serializers.CharField()  # noqa: N815
    overwriteFile = serializers.CharField()  # noqa: N815
    isPrivateFile = serializers.CharField()  # noqa: N815
    checks = serializers.CharField()
    transformation = serializers.CharField()
    token = serializers.CharField()


class TicketSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(help_text="Of the image, once the upload is complete.")
    upload_url = serializers.URLField(help_text="Where to post the form.")
    # A field of that name would hide the serializer's own `fields`.
    expires_at = serializers.DateTimeField(help_text="Start to send before then.")

    def get_fields(self) -> dict[str, Any]:
        declared = super().get_fields()
        form = UploadFormSerializer(help_text="All to be sent, and before `file`.")
        last = declared.pop("expires_at")
        return {**declared, "fields": form, "expires_at": last}


class CompletionSerializer(serializers.Serializer[Any]):
    # As long as what a stored name has room for.
    file_id = serializers.RegexField(
        r"^[A-Za-z0-9_-]{1,40}\Z", help_text="`fileId` in ImageKit's answer."
    )
