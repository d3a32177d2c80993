"""The operations on images in the OpenAPI document."""

from django.conf import settings
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view

from images.api.idempotency import IDEMPOTENCY
from images.api.serializers import (
    ImageChangeSerializer,
    ImageEditSerializer,
    ImageSerializer,
    UploadedImageSerializer,
)
from images.api.views.receipts import deletion_id
from mediabackend.api.openapi import (
    ETAG,
    IF_MATCH,
    IF_NONE_MATCH,
    LOCATION,
    NOT_MODIFIED,
)

# JSON cannot carry a file.
_UPLOAD = {"multipart/form-data": ImageChangeSerializer}
_UPLOAD_HELP = (
    "Send a form with a picture, for example "
    f"[this one]({settings.STATIC_URL}mediabackend/sample.jpg)."
)

documented = extend_schema_view(
    list=extend_schema(
        operation_id="images.list",
        summary="List the caller's images, newest first",
        parameters=[IF_NONE_MATCH, ETAG],
        responses={200: ImageSerializer(many=True), 304: NOT_MODIFIED},
    ),
    create=extend_schema(
        operation_id="images.upload",
        summary="Upload an image",
        description=_UPLOAD_HELP,
        request=_UPLOAD,
        parameters=[*IDEMPOTENCY, ETAG, LOCATION],
        responses={201: UploadedImageSerializer},
    ),
    retrieve=extend_schema(
        operation_id="images.get",
        summary="Get an image",
        description="An image of the caller, or one that everybody may see.",
        parameters=[IF_NONE_MATCH, IF_MATCH, ETAG],
        responses={200: ImageSerializer, 304: NOT_MODIFIED},
    ),
    update=extend_schema(
        operation_id="images.replace",
        summary="Replace the file and the texts of an image",
        description="Texts that are left out become empty; the visibility stays.",
        request=_UPLOAD,
        parameters=[*IDEMPOTENCY, IF_MATCH, ETAG],
        responses=UploadedImageSerializer,
    ),
    partial_update=extend_schema(
        operation_id="images.update",
        summary="Change an image, or replace its file",
        description="Send JSON to change texts and visibility, or a form with a new "
        "`file`. What is left out stays.",
        request={"application/json": ImageEditSerializer, **_UPLOAD},
        responses=UploadedImageSerializer,
        parameters=[*IDEMPOTENCY, IF_MATCH, ETAG],
    ),
    destroy=extend_schema(
        operation_id="images.delete",
        summary="Delete an image and its file at ImageKit",
        description="The file is deleted too; `X-Deletion-ID` names the receipt.",
        parameters=[IF_MATCH, deletion_id(204)],
        # Without a description the headers would be left out.
        responses={204: OpenApiResponse(description="Deleted.")},
    ),
)
