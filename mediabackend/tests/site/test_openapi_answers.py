"""The answers in the OpenAPI document: statuses, fields and headers."""

import re

import pytest

from mediabackend.tests.site.openapi_parts import find, resolve


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


def test_export__is_a_file(operations):
    content = operations["account.export"]["responses"]["200"]["content"]
    assert set(content) == {"application/zip", "application/octet-stream"}
    for media in content.values():
        assert media["schema"] == {"type": "string", "format": "binary"}
