"""The JSON of an image, compared with the fields that describe it."""

import json

import pytest
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from images.api.image_rows import ImageRow
from images.api.representation import image_data
from images.api.serializers import ImageSerializer
from images.models import Image

pytestmark = pytest.mark.django_db
# They have no column: `image_data` makes them, and other tests say what they are.
MADE = {"url", "renditions", "placeholder", "dominant_color", "moderation", "available"}


@pytest.fixture
def serializer() -> ImageSerializer:
    request = Request(APIRequestFactory().get("/"))
    return ImageSerializer(context={"request": request})


def as_json(value):
    return json.loads(JSONRenderer().render(value))


def test_data__has_the_fields_of_the_document_in_their_order(serializer, stored_image):
    readable = [
        name for name, field in serializer.fields.items() if not field.write_only
    ]
    data = image_data(ImageRow.of(stored_image()), "http://testserver")
    assert list(data) == readable


@pytest.mark.parametrize("visibility", ["public", "unlisted", "private"])
def test_columns__are_what_their_fields_make_of_them(
    serializer, stored_image, visibility
):
    stored = stored_image(
        visibility=visibility, caption='"Sea" <b>\n\u2028', alt_text="\t\\"
    )
    image = Image.objects.select_related("owner").get(pk=stored.pk)
    data = image_data(ImageRow.of(image), "http://testserver")
    compared = 0
    for name, field in serializer.fields.items():
        if field.write_only or name in MADE:
            continue
        expected = field.to_representation(field.get_attribute(image))
        assert as_json(data[name]) == as_json(expected), name
        compared += 1
    assert compared == len(data) - len(MADE)


def test_rows_from_the_database__say_what_instances_say(api, stored_image, user):
    image = stored_image(caption="Sea")
    row = ImageRow.of(Image.objects.select_related("owner").get(pk=image.pk))
    expected = as_json(image_data(row, "http://testserver"))
    assert api.get(f"/api/v1/images/{image.pk}/").json() == expected
    assert api.get("/api/v1/images/").json()["results"] == [expected]
