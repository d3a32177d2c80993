"""Serializers of the image endpoints."""

from typing import IO, Any, ClassVar, cast

from django.core.files.uploadedfile import UploadedFile
from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from accounts.models import User
from images.api.image_rows import ImageRow
from images.api.representation import image_data
from images.media.formats.info import InvalidImage, TooManyPixels
from images.media.stripping.plan import Kind
from images.models import Format, Image
from images.screening.inspection import ACCEPTED, InspectedFile, inspect_file
from images.services.values import Edits, SavedImage
from mediabackend.api.text import TextModelSerializer


class OwnerSerializer(serializers.ModelSerializer[User]):
    """The part of a user's profile that everybody may see."""

    class Meta:
        model = User
        fields = ["id", "display_name"]
        read_only_fields = fields


class RenditionsSerializer(serializers.Serializer[Any]):
    """URLs of the picture in smaller sizes."""

    thumbnail = serializers.URLField()
    small = serializers.URLField()
    medium = serializers.URLField()
    large = serializers.URLField()
    srcset = serializers.CharField(help_text="For the attribute of an `img`.")


class BulkDeleteSerializer(serializers.Serializer[Any]):
    """The ids of the images to delete."""

    ids = serializers.ListField(
        child=serializers.UUIDField(), min_length=1, max_length=100
    )


class BulkDeleteAnswerSerializer(serializers.Serializer[Any]):
    """The ids that were deleted, and those that were not found."""

    deleted = serializers.ListField(child=serializers.UUIDField())
    not_found = serializers.ListField(child=serializers.UUIDField())


class ModerationSerializer(serializers.Serializer[Any]):
    """Why and since when an image is hidden or taken down; shown to its owner only."""

    reason = serializers.CharField()
    note = serializers.CharField()
    since = serializers.DateTimeField()


# One character is one Unicode code point, as in JSON Schema.
_UNIT = "characters (Unicode code points, counted in the form NFC)"
TEXTS: dict[str, Any] = {
    "caption": {"multiline": True, "help_text": f"At most 2,200 {_UNIT}."},
    "alt_text": {
        "multiline": True,
        "help_text": "A description for people who cannot see the picture. "
        f"At most 1,000 {_UNIT}.",
    },
    "visibility": {
        "help_text": "`public`: in the feed. `unlisted` (at first): for everybody who "
        "has the id. `private`: for the owner only, with signed URLs."
    },
}


class _ImageTexts(TextModelSerializer[Image]):
    """The fields that clients send, and the answer that `image_data` builds."""

    file = serializers.FileField(
        write_only=True,
        # `validate_file` refuses an empty file with a clearer message.
        allow_empty_file=True,
        help_text="JPEG, PNG, WebP, GIF, HEIC or AVIF.",
    )

    class Meta:
        model = Image
        fields: ClassVar[list[str]] = ["file", "caption", "alt_text", "visibility"]
        extra_kwargs = TEXTS

    def to_representation(self, instance: Image | ImageRow) -> dict[str, Any]:
        row = instance if isinstance(instance, ImageRow) else ImageRow.of(instance)
        return image_data(row, self._origin)

    @cached_property
    def _origin(self) -> str:
        return str(self.context["request"].build_absolute_uri("/")).rstrip("/")


class ImageSerializer(_ImageTexts):
    """An image."""

    # These fields describe the answer, which `image_data` builds.
    url = serializers.URLField(
        read_only=True,
        allow_null=True,
        help_text="The whole picture; null after a take-down.",
    )
    renditions = RenditionsSerializer(read_only=True, allow_null=True)
    placeholder = serializers.CharField(
        read_only=True,
        allow_null=True,
        help_text="A BlurHash (https://blurha.sh), or null when there is none.",
    )
    dominant_color = serializers.CharField(
        read_only=True,
        allow_null=True,
        help_text="A color as `#rrggbb`, or null when it is not known.",
    )
    moderation = ModerationSerializer(
        read_only=True,
        allow_null=True,
        help_text="Why the image is hidden or taken down; null while it is visible. "
        "A hidden image is a 404 for everybody but its owner.",
    )
    available = serializers.BooleanField(
        read_only=True,
        help_text="False when ImageKit has lost the file.",
    )
    format = serializers.ChoiceField(choices=Format.choices, read_only=True)
    owner = OwnerSerializer(read_only=True)

    class Meta(_ImageTexts.Meta):
        fields: ClassVar[list[str]] = [
            "id",
            "file",
            "url",
            "renditions",
            "placeholder",
            "dominant_color",
            "available",
            "state",
            "moderation",
            "caption",
            "alt_text",
            "visibility",
            "width",
            "height",
            "size",
            "format",
            "owner",
            "created_at",
            "updated_at",
        ]


class UploadedImageSerializer(ImageSerializer):
    """An uploaded or changed image, with facts about its new file."""

    removed_metadata = serializers.ListField(
        child=serializers.ChoiceField(choices=[kind.value for kind in Kind]),
        read_only=True,
        allow_null=True,
        help_text="The kinds of metadata that were removed from the file, sorted. "
        "Null when no file was stored.",
    )
    duplicate_of = serializers.UUIDField(
        read_only=True,
        allow_null=True,
        help_text="The caller's oldest other image whose file has the same bytes, "
        "or null.",
    )

    class Meta(ImageSerializer.Meta):
        fields = [*ImageSerializer.Meta.fields, "removed_metadata", "duplicate_of"]

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Return the answer about a SavedImage."""
        saved: SavedImage = instance
        return {
            **super().to_representation(saved.image),
            "removed_metadata": saved.removed_metadata,
            "duplicate_of": saved.duplicate_of,
        }


# `UploadedImageSerializer` describes the answer. One class for both would build the
# fields of the answer for each request.
@extend_schema_serializer(component_name="ImageUpload")
class ImageChangeSerializer(_ImageTexts):
    """A picture and its texts."""

    def validate_file(self, file: UploadedFile) -> InspectedFile:
        if len(self.context["request"].data.getlist("file")) != 1:
            raise serializers.ValidationError("Send exactly one file.", "invalid")
        try:
            return inspect_file(cast(IO[bytes], file.file))
        except TooManyPixels as error:
            raise serializers.ValidationError(str(error), "too_many_pixels") from error
        except InvalidImage as error:
            raise serializers.ValidationError(
                f"{error} {ACCEPTED}", "invalid_image"
            ) from error

    @property
    def new_file(self) -> InspectedFile | None:
        """The new file, if one was sent."""
        return self.validated_data.get("file")

    @property
    def edits(self) -> Edits:
        """The new texts and the new visibility."""
        given = {k: v for k, v in self.validated_data.items() if k != "file"}
        if not self.partial:
            # A PUT empties the texts that it leaves out, but keeps the visibility: no
            # private image becomes visible because a field was left out.
            given = {"caption": "", "alt_text": "", **given}
        return Edits(**given)


class ImageEditSerializer(_ImageTexts):
    """The texts and the visibility of an image, for the OpenAPI document."""

    file = None  # type: ignore[assignment]

    class Meta(_ImageTexts.Meta):
        fields: ClassVar[list[str]] = ["caption", "alt_text", "visibility"]
