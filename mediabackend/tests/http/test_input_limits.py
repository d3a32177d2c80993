"""Input that is too deep, too long or ambiguous is a 400, never a 500."""

import time

import pytest
from django.urls import URLPattern, get_resolver
from rest_framework.parsers import JSONParser as AnyJSONParser

from images.tests.pictures import make_image
from mediabackend.api.parsers import JSONParser, parse_json
from mediabackend.wsgi import with_readable_content_type

pytestmark = pytest.mark.django_db
TOKEN = "/api/v1/auth/token/"


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


@pytest.mark.parametrize(
    "body",
    [
        nested(33),
        nested(100_000),
        '{"a":' * 50_000 + "1" + "}" * 50_000,
        "[" * 200_000,
        '{"email": "a@example.com", "email": "b@example.com"}',
        '{"email": NaN}',
        '{"email": -Infinity}',
        '{"email": 1e400}',
        '{"email": ' + "9" * 5000 + "}",
        '{"email": 9223372036854775808}',
        '{"email": "\\ud800"}',
        '{"\\udc00": 1}',
        '{"email": "a\nb"}',
        "{'email': 1}",
        b'{"email": "\xff"}',
        " ",
    ],
    ids=lambda body: str(body[:24]),
)
def test_json__that_cannot_be_read_in_one_way_is_400(anonymous, body):
    response = anonymous.post(TOKEN, body, content_type="application/json")
    assert response.status_code == 400, response.content
    assert response.json()["errors"][0]["code"] == "parse_error"


def test_json__as_deep_as_the_limit_is_read():
    assert parse_json(nested(32))
    # Brackets in strings are no levels.
    assert parse_json('{"a": "' + "[" * 99 + '\\"[[["}')["a"].startswith("[[")
    assert parse_json('["\\ud83d\\ude00", 9223372036854775807, -1.5e3]') == [
        "😀",
        2**63 - 1,
        -1500.0,
    ]


@pytest.mark.parametrize("piece", ['\\"', '"', "[],", '"\\', "\\u00", "{"])
def test_json__takes_linear_time(piece):
    body = piece * (1024 * 1024 // len(piece))
    start = time.process_time()
    with pytest.raises(ValueError):  # noqa: PT011
        parse_json(body)
    assert time.process_time() - start < 2


def test_json__in_a_charset_that_decompresses_is_400(anonymous):
    response = anonymous.post(
        TOKEN, b"BZh9", content_type="application/json; charset=bz2"
    )
    assert response.status_code == 400


def content_type_as_passed_on(given: str) -> bytes:
    app = with_readable_content_type(
        lambda environ, _: [environ["CONTENT_TYPE"].encode()]
    )
    return b"".join(app({"CONTENT_TYPE": given}, lambda *_: lambda _: None))


@pytest.mark.parametrize(
    "odd",
    [
        "charset=zlib",
        "charset =hex",
        "CHARSET*=utf-8''hex",
        "charset=idna",
        # More than linear time: seconds for a third of the megabyte that we take.
        "charset=punycode",
        "charset=utf-16",
        "charset=unknown",
        # Django knows no such encoding, and says so before any middleware.
        "x*=unknown''y",
    ],
)
def test_content_type__that_names_an_odd_encoding_loses_it(odd):
    passed_on = content_type_as_passed_on(f"application/json; {odd}")
    assert passed_on == b"application/json"


@pytest.mark.parametrize(
    "usual",
    [
        "",
        "application/json",
        "application/json; charset=UTF-8",
        'application/json; charset="utf8"',
        "application/x-www-form-urlencoded; charset=iso-8859-1",
        "multipart/form-data; boundary=x",
    ],
)
def test_content_type__that_is_usual_stays(usual):
    assert content_type_as_passed_on(usual).decode() == usual


def test_content_type__is_passed_on_in_small_letters():
    passed_on = content_type_as_passed_on("Multipart/Form-Data; boundary=Xy")
    assert passed_on == b"multipart/form-data; boundary=Xy"


def test_every_endpoint__reads_json_strictly():
    def views(patterns):
        for pattern in patterns:
            if isinstance(pattern, URLPattern):
                yield getattr(pattern.callback, "cls", None)
            else:
                yield from views(pattern.url_patterns)

    found = 0
    for view in filter(None, views(get_resolver().url_patterns)):
        if not view.__module__.startswith(("accounts", "images", "mediabackend")):
            continue
        for parser in view.parser_classes:
            assert parser is not AnyJSONParser, view
            found += parser is JSONParser
    assert found


def test_form__with_too_many_fields_is_400(anonymous):
    fields = {f"field{number}": "x" for number in range(301)}
    body = "&".join(f"{name}=x" for name in fields)
    response = anonymous.post(
        TOKEN, body, content_type="application/x-www-form-urlencoded"
    )
    assert response.status_code == 400
    assert response.json()["errors"][0]["code"] == "parse_error"


def test_upload__with_too_many_fields_is_400(api):
    fields = {f"field{number}": "x" for number in range(301)}
    response = api.post("/api/v1/images/", fields, format="multipart")
    assert response.status_code == 400
    assert response.json()["errors"][0]["code"] == "parse_error"


def test_upload__with_too_many_files_is_400(api):
    files = {f"file{number}": make_image() for number in range(3)}
    response = api.post("/api/v1/images/", files, format="multipart")
    assert response.status_code == 400
    assert response.json()["errors"][0]["code"] == "parse_error"


def test_admin__takes_an_action_on_a_whole_page(client, make_user):
    client.force_login(make_user("root@example.com", is_staff=True, is_superuser=True))
    keys = ["0190a1b2-0000-7000-8000-000000000000"] * 200
    response = client.post(
        "/admin/accounts/user/", {"action": "activate", "_selected_action": keys}
    )
    assert response.status_code == 302


@pytest.mark.parametrize("path", ["/admin/login/", "/api-auth/login/"])
def test_page__with_too_many_fields_is_400(client, path):
    response = client.post(path, {f"field{number}": "x" for number in range(301)})
    assert response.status_code == 400
