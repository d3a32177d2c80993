"""The names, requests and examples in the OpenAPI document."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from mediabackend.tests.site.openapi_parts import Document, find, resolve
from scripts import postman

ROOT = Path(__file__).resolve().parents[3]


def is_valid(document: Document, schema: Document, value: Any) -> bool:
    whole = {**schema, "components": document["components"]}
    return Draft202012Validator(whole, format_checker=FormatChecker()).is_valid(value)


def test_file__is_what_the_code_says(openapi_yaml):
    """`make openapi` writes it."""
    assert (ROOT / "docs/openapi.yaml").read_text() == openapi_yaml


def test_document__is_small(openapi_yaml):
    assert len(openapi_yaml.encode()) < 110_000


def test_operations__have_these_names(operations):
    """If this list changes, clients must change."""
    assert set(operations) == {
        "account.delete",
        "account.endSession",
        "account.export",
        "account.get",
        "account.listSessions",
        "account.update",
        "auth.changeEmail",
        "auth.changePassword",
        "auth.getSignUpMode",
        "auth.refresh",
        "auth.requestEmailChange",
        "auth.requestPasswordReset",
        "auth.resendVerification",
        "auth.resetPassword",
        "auth.signIn",
        "auth.signInByForm",
        "auth.signOut",
        "auth.signOutEverywhere",
        "auth.signUp",
        "auth.verify",
        "auth.verifyEmail",
        "feed.list",
        "feed.listOfUser",
        "images.delete",
        "images.deleteMany",
        "images.get",
        "images.getDeletion",
        "images.list",
        "images.replace",
        "images.report",
        "images.update",
        "images.upload",
        "uploads.complete",
        "uploads.createTicket",
        "uploads.getLimits",
    }


def test_operations__have_a_summary_a_description_and_one_described_tag(
    document, operations
):
    described = {tag["name"] for tag in document["tags"] if tag["description"]}
    for name, operation in operations.items():
        assert operation["summary"], name
        assert operation["description"], name
        assert operation["tags"] == [name.split(".")[0]]
        assert operation["tags"][0] in described


def test_components__have_these_names(document):
    """If this list changes, clients must change."""
    assert set(document["components"]["schemas"]) == {
        "Accepted",
        "BearerToken",
        "BulkDelete",
        "BulkDeleteAnswer",
        "Completion",
        "DeletionReceipt",
        "EmailChange",
        "Error",
        "ErrorDetail",
        "ErrorType",
        "Format",
        "GrantType",
        "Image",
        "ImageEdit",
        "ImagePage",
        "ImageState",
        "ImageUpload",
        "LoginForm",
        "MailedLink",
        "Moderation",
        "NewReport",
        "OAuth2Error",
        "OAuth2ErrorCode",
        "Owner",
        "PasswordChange",
        "PasswordConfirmation",
        "PasswordReset",
        "PasswordResetRequest",
        "PublicImagePage",
        "RefreshToken",
        "Renditions",
        "Report",
        "ReportReason",
        "Session",
        "SignIn",
        "SignUp",
        "SignUpMode",
        "SignUpPolicy",
        "SignedUp",
        "Ticket",
        "TicketRequest",
        "TokenCheck",
        "Tokens",
        "UploadForm",
        "UploadLimits",
        "UploadedImage",
        "User",
        "UserEdit",
        "Visibility",
    }


def test_components__are_all_used(document, openapi_yaml):
    for kind, components in document["components"].items():
        if kind != "securitySchemes":
            for name in components:
                reference = rf"#/components/{kind}/{name}['\n]"
                assert re.search(reference, openapi_yaml), name


def test_urls__have_their_format(document):
    schemas = document["components"]["schemas"]
    for name, fields in {
        "Image": ["url"],
        "UploadedImage": ["url"],
        "Renditions": ["thumbnail", "small", "medium", "large"],
        "ImagePage": ["next", "previous"],
        "PublicImagePage": ["next", "previous"],
        "Ticket": ["upload_url"],
    }.items():
        for field in fields:
            assert schemas[name]["properties"][field]["format"] == "uri"


def test_texts__have_their_limits(document):
    for name in ("ImageUpload", "ImageEdit", "TicketRequest"):
        fields = document["components"]["schemas"][name]["properties"]
        assert fields["caption"]["maxLength"] == 2200
        assert fields["alt_text"]["maxLength"] == 1000
        for field in ("caption", "alt_text"):
            assert "Unicode code points" in fields[field]["description"]


@pytest.mark.parametrize(
    ("name", "bodies"),
    [
        ("account.delete", {"application/json": "PasswordConfirmation"}),
        ("images.upload", {"multipart/form-data": "ImageUpload"}),
        ("images.replace", {"multipart/form-data": "ImageUpload"}),
        (
            "images.update",
            {"application/json": "ImageEdit", "multipart/form-data": "ImageUpload"},
        ),
        ("auth.signIn", {"application/json": "SignIn"}),
    ],
)
def test_bodies__have_these_schemas(operations, name, bodies):
    content = operations[name]["requestBody"]["content"]
    assert {kind: media["schema"]["$ref"] for kind, media in content.items()} == {
        kind: f"#/components/schemas/{component}" for kind, component in bodies.items()
    }


def test_examples__are_everywhere_and_valid(document):
    bodies = find(document["paths"], "content")
    bodies += find(document["components"]["responses"], "content")
    for content in bodies:
        for kind, media in content.items():
            if media["schema"].get("format") == "binary":
                continue
            examples = media.get("examples", {"": {"value": media.get("example")}})
            for name, example in examples.items():
                value = resolve(document, example)["value"]
                assert is_valid(document, media["schema"], value), (kind, name)


def test_authorize__offers_the_password_first_and_alone(document):
    (scheme,) = document["components"]["securitySchemes"].values()
    assert list(scheme["flows"]) == ["password"]


def test_postman__is_what_the_document_says(document, operations):
    """`make openapi` writes it."""
    written = (ROOT / "docs/postman_collection.json").read_text()
    assert written == postman.render(document)
    collection = json.loads(written)
    requests = [item for folder in collection["item"] for item in folder["item"]]
    assert len(requests) == len(operations)
    variables = {one["key"]: one["value"] for one in collection["variable"]}
    assert variables["baseUrl"] == "http://127.0.0.1:8000"
    assert variables["email"]
    assert variables["password"]
    assert set(re.findall(r"\{\{(\w+)\}\}", written)) <= set(variables)
