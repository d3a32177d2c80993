"""The OpenAPI document: what programs that write clients from it rely on."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from jsonschema import Draft202012Validator, FormatChecker

from scripts import postman

ROOT = Path(__file__).resolve().parents[3]
METHODS = ("get", "post", "put", "patch", "delete")
Document = dict[str, Any]


@pytest.fixture(scope="module")
def text() -> str:
    document = SchemaGenerator().get_schema(request=None, public=True)
    return OpenApiYamlRenderer().render(document, renderer_context={}).decode()


@pytest.fixture(scope="module")
def document(text) -> Document:
    return yaml.load(text, Loader=yaml.CSafeLoader)


@pytest.fixture(scope="module")
def operations(document) -> dict[str, Document]:
    return {
        operation["operationId"]: operation
        for path in document["paths"].values()
        for method, operation in path.items()
        if method in METHODS
    }


def find(part: Any, name: str) -> list[Any]:
    """Return all values with this name in the document."""
    inner = part.values() if isinstance(part, dict) else part
    if not isinstance(part, dict | list):
        return []
    here = [part[name]] if isinstance(part, dict) and name in part else []
    return here + [value for child in inner for value in find(child, name)]


def resolve(document: Document, part: Document) -> Document:
    if "$ref" not in part:
        return part
    *_, kind, name = part["$ref"].split("/")
    return document["components"][kind][name]


def is_valid(document: Document, schema: Document, value: Any) -> bool:
    whole = {**schema, "components": document["components"]}
    return Draft202012Validator(whole, format_checker=FormatChecker()).is_valid(value)


def test_file__is_what_the_code_says(text):
    """`make openapi` writes it."""
    assert (ROOT / "docs/openapi.yaml").read_text() == text


def test_document__is_small(text):
    assert len(text.encode()) < 110_000


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


def test_components__are_all_used(document, text):
    for kind, components in document["components"].items():
        if kind != "securitySchemes":
            for name in components:
                assert re.search(rf"#/components/{kind}/{name}['\n]", text), name


def test_errors__are_written_once(document, operations):
    shared = document["components"]["responses"]
    for name, operation in operations.items():
        for status, answer in operation["responses"].items():
            if status >= "400" and (name, status) != ("auth.signInByForm", "400"):
                assert set(answer) == {"$ref"}, (name, status)
    texts = [str(answer) for answer in shared.values()]
    assert len(set(texts)) == len(texts)


def test_errors__are_those_that_the_operation_can_give(operations):
    for name, operation in operations.items():
        errors = {status for status in operation["responses"] if status >= "400"}
        of_bodies = {"411", "413"}
        if "requestBody" in operation:
            assert of_bodies | {"400"} <= errors, name
        else:
            assert not errors & {*of_bodies, "415", "422", "451", "507"}, name
        assert ("401" in errors) == (
            bool(operation["security"])
            or name in ("auth.signIn", "auth.refresh", "auth.verify")
        ), name
        assert not errors & {"405", "500"}, name
    assert set(operations["images.delete"]["responses"]) == {
        *("204", "401", "404", "406", "412", "429", "503")
    }
    assert set(operations["images.deleteMany"]["responses"]) == {
        *("200", "400", "401", "406", "409", "411", "413", "415", "422", "429", "503")
    }
    assert set(operations["account.get"]["responses"]) == {"200", "401", "406", "503"}
    assert "415" not in operations["auth.signInByForm"]["responses"]


def test_media_types__are_one_for_each_schema(document):
    for content in find(document["paths"], "content"):
        schemas = [str(media["schema"]) for media in content.values()]
        if set(content) != {"application/zip", "application/octet-stream"}:
            assert len(set(schemas)) == len(schemas), content


def test_answers__have_all_their_fields(document):
    components = document["components"]
    seen = str(find(document["paths"], "responses")) + str(components["responses"])
    todo, done = set(re.findall(r"schemas/(\w+)", seen)), set()
    while todo:
        done.add(name := todo.pop())
        schema = components["schemas"][name]
        todo |= set(re.findall(r"schemas/(\w+)", str(schema))) - done
        if "properties" in schema:
            assert set(schema["required"]) == set(schema["properties"]), name
    assert {"Image", "ImagePage", "User", "Ticket", "Error", "Renditions"} <= done
    assert not find(document, "readOnly") + find(document, "writeOnly")


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
    ("name", "status", "headers"),
    [
        ("images.list", "200", {"ETag"}),
        ("images.list", "304", {"ETag"}),
        ("images.get", "200", {"ETag"}),
        ("images.upload", "201", {"ETag", "Location", "Idempotent-Replayed"}),
        ("images.replace", "200", {"ETag", "Idempotent-Replayed"}),
        ("images.update", "200", {"ETag", "Idempotent-Replayed"}),
        ("images.delete", "204", {"X-Deletion-ID"}),
        ("images.deleteMany", "200", {"X-Deletion-ID", "Idempotent-Replayed"}),
        ("images.upload", "401", {"WWW-Authenticate"}),
        ("images.upload", "409", {"Retry-After"}),
        ("images.upload", "429", {"Retry-After"}),
        ("images.upload", "503", {"Retry-After"}),
        ("images.upload", "507", {"Retry-After"}),
        ("uploads.complete", "200", {"Location"}),
        ("uploads.complete", "201", {"Location"}),
        ("feed.list", "200", {"ETag"}),
        ("feed.listOfUser", "304", {"ETag"}),
    ],
)
def test_headers__are_declared(document, operations, name, status, headers):
    answer = resolve(document, operations[name]["responses"][status])
    assert set(answer["headers"]) == headers | {"X-Request-ID"}


def test_headers__every_answer_has_its_request_id(document, operations):
    for operation in operations.values():
        for answer in operation["responses"].values():
            assert "X-Request-ID" in resolve(document, answer)["headers"]


def test_sign_up__has_one_schema_for_each_status(operations):
    answers = operations["auth.signUp"]["responses"]
    names = {
        status: answers[status]["content"]["application/json"]["schema"]["$ref"]
        for status in ("201", "202")
    }
    assert names == {
        "201": "#/components/schemas/SignedUp",
        "202": "#/components/schemas/Accepted",
    }


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


def test_export__is_a_file(operations):
    content = operations["account.export"]["responses"]["200"]["content"]
    assert set(content) == {"application/zip", "application/octet-stream"}
    for media in content.values():
        assert media["schema"] == {"type": "string", "format": "binary"}


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
