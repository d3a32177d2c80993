"""What the image endpoints take and give."""

from typing import Any, ClassVar

from django.core.files.uploadedfile import UploadedFile
from django.utils.functional import cached_property
from rest_framework import serializers

from accounts.models import User
from images.api.image_rows import ImageRow
from images.api.representation import image_data
from images.media.stripping import StrippedFile
from images.media.stripping.kinds import Kind
from images.models import Format, Image
from images.screening.inspection import validate_image
from images.services.exchange import image_replace
from images.services.update import image_update
from images.services.upload import image_create
from mediabackend.api.text import TextModelSerializer


class OwnerSerializer(serializers.ModelSerializer[User]):
    """What others may know of a user."""

    class Meta:
        model = User
        fields = ["id", "display_name"]
        read_only_fields = fields


class RenditionsSerializer(serializers.Serializer[Any]):
    thumbnail = serializers.URLField()
    small = serializers.URLField()
    medium = serializers.URLField()
    large = serializers.URLField()
    srcset = serializers.CharField()


class BulkDeleteSerializer(serializers.Serializer[Any]):
    ids = serializers.ListField(
        child=serializers.UUIDField(), min_length=1, max_length=100
    )


class BulkDeleteAnswerSerializer(serializers.Serializer[Any]):
    deleted = serializers.ListField(child=serializers.UUIDField())
    not_found = serializers.ListField(child=serializers.UUIDField())


class ModerationSerializer(serializers.Serializer[Any]):
    """Why an image is hidden or taken down, as its owner may know it."""

    reason = serializers.CharField()
    note = serializers.CharField()
    since = serializers.DateTimeField()


class _ImageTexts(TextModelSerializer[Image]):
    """The fields that people give, and an answer that `image_data` makes."""

    file = serializers.FileField(
        write_only=True,
        # An empty file is no image, which the validator says better.
        allow_empty_file=True,
        help_text="JPEG, PNG, WebP or GIF.",
    )

    class Meta:
        model = Image
        fields: ClassVar[list[str]] = ["file", "caption", "alt_text", "visibility"]
        extra_kwargs: ClassVar[dict[str, Any]] = {
            "caption": {"multiline": True},
            "alt_text": {"multiline": True},
        }

    def to_representation(self, instance: Image | ImageRow) -> dict[str, Any]:
        row = instance if isinstance(instance, ImageRow) else ImageRow.of(instance)
        return image_data(row, self._origin)

    @cached_property
    def _origin(self) -> str:
        return str(self.context["request"].build_absolute_uri("/")).rstrip("/")


class ImageSerializer(_ImageTexts):
    """An image. `file` is taken, never given: `url` and `renditions` are."""

    # What is answered is made by `image_data`. These describe it.
    url = serializers.CharField(read_only=True, allow_null=True)
    renditions = RenditionsSerializer(read_only=True, allow_null=True)
    placeholder = serializers.CharField(
        read_only=True,
        allow_null=True,
        help_text="A BlurHash (https://blurha.sh), or null where there is none.",
    )
    dominant_color = serializers.CharField(
        read_only=True,
        allow_null=True,
        help_text="`#rrggbb`, or null where it is not known.",
    )
    moderation = ModerationSerializer(
        read_only=True,
        allow_null=True,
        help_text="Why the image is not visible; null when it is. Others get a 404.",
    )
    available = serializers.BooleanField(
        read_only=True,
        help_text="False when the remote file was found to be missing.",
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
        read_only_fields = [
            "state",
            "width",
            "height",
            "size",
            "created_at",
            "updated_at",
        ]


class UploadedImageSerializer(ImageSerializer):
    """What a POST, PUT or PATCH answers: an image, and what became of its file."""

    removed_metadata = serializers.ListField(
        child=serializers.ChoiceField(choices=[kind.value for kind in Kind]),
        read_only=True,
        allow_null=True,
        help_text="What the file lost before it was stored, sorted. Null when no "
        "file was stored.",
    )
    duplicate_of = serializers.UUIDField(
        read_only=True,
        allow_null=True,
        help_text="The caller's oldest other image whose file has the same bytes.",
    )

    class Meta(ImageSerializer.Meta):
        fields = [*ImageSerializer.Meta.fields, "removed_metadata", "duplicate_of"]


class ImageChangeSerializer(_ImageTexts):
    """What a POST, PUT or PATCH takes; `UploadedImageSerializer` says what it answers.

    Not one for both: the fields of the answer would be made anew for each request.
    """

    def validate_file(self, file: UploadedFile) -> StrippedFile:
        if len(self.context["request"].data.getlist("file")) != 1:
            raise serializers.ValidationError("Send one file.", "invalid")
        self.info, stripped = validate_image(file)
        return stripped

    def create(self, validated_data: dict[str, Any]) -> Image:
        return image_create(
            owner=self.context["request"].user, info=self.info, **validated_data
        )

    def update(self, instance: Image, validated_data: dict[str, Any]) -> Image:
        if not self.partial:
            # A full replacement. But visibility stays unless it is given: nothing
            # private becomes visible because a field was left out.
            validated_data = {"caption": "", "alt_text": "", **validated_data}
        if "file" in validated_data:
            return image_replace(image=instance, info=self.info, **validated_data)
        return image_update(image=instance, **validated_data)

    def to_representation(self, instance: Any) -> dict[str, Any]:
        data = super().to_representation(instance)
        for name in ("removed_metadata", "duplicate_of"):
            # A row that was only read has neither.
            data[name] = getattr(instance, name, None)
        return data
