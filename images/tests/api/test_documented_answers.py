"""Answers match their schemas in the OpenAPI document."""

from pathlib import Path

import pytest
import yaml
from django.utils import timezone
from jsonschema import Draft202012Validator, FormatChecker

from images.models import Image
from images.tests.pictures import make_image

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def document() -> dict:
    return yaml.load((ROOT / "docs/openapi.yaml").read_text(), Loader=yaml.CSafeLoader)


def check(document: dict, component: str, value: object) -> None:
    components = document["components"]
    schema = {"$ref": f"#/components/schemas/{component}", "components": components}
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(value)


@pytest.mark.parametrize(
    ("path", "component"),
    [
        ("images/?page_size=1", "ImagePage"),
        ("feed/", "PublicImagePage"),
        ("users/me/", "User"),
        ("uploads/limits/", "UploadLimits"),
    ],
)
def test_read__matches_its_schema(api, document, stored_image, path, component):
    stored_image(visibility="public")
    stored_image()
    check(document, component, api.get(f"/api/v1/{path}").json())


def test_image__matches_its_schema_after_its_upload_and_its_take_down(api, document):
    answer = api.post("/api/v1/images/", {"file": make_image()}, format="multipart")
    check(document, "UploadedImage", answer.json())
    Image.objects.update(
        state="taken_down", state_reason="spam", state_since=timezone.now()
    )
    seen = api.get(f"/api/v1/images/{answer.json()['id']}/").json()
    assert seen["url"] is None
    check(document, "Image", seen)
