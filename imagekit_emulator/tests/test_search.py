"""Lists and the grammar of searches."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imagekit_emulator.asset_rows import insert_asset
from imagekit_emulator.database import now_ms
from imagekit_emulator.names import new_id
from imagekit_emulator.tests.pictures import make_image

DAY = 86_400_000


@pytest.fixture
def library(upload, app):
    """Upload five files, whose names say how they differ."""
    upload("/plain.jpg")
    upload(
        "/a/tagged.jpg", tags=["red", "blue"], custom_metadata={"brand": "X", "n": 5}
    )
    upload("/a/b/large.png", make_image(200, 100, "PNG"))
    upload("/ab/private.jpg", is_private_file=True, tags=["red"])
    upload("/note.txt", b"hello")
    with app.services.database.write() as connection:
        connection.execute(
            "UPDATE assets SET created_at = created_at - ? WHERE name = 'plain.jpg'",
            (10 * DAY,),
        )


def names(api, **params):
    answer = api.get("/v1/files", params=params)
    assert answer.status_code == 200, answer.text
    return {row["name"].partition(".")[0] for row in answer.json()}


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ('name = "plain.jpg"', {"plain"}),
        ('name = "PLAIN.jpg"', set()),
        ('name : "pl"', {"plain"}),
        ('name IN ["plain.jpg", "note.txt"]', {"plain", "note"}),
        ('name NOT = "plain.jpg" AND path = "/"', {"note"}),
        ('name HAS "LARGE png"', {"large"}),
        ('path = "/a"', {"tagged"}),
        ('path : "/a/"', {"tagged", "large"}),
        ('path : "/"', {"plain", "tagged", "large", "private", "note"}),
        ('type = "folder"', {"a", "ab", "b"}),
        ('type IN ["folder", "file"] AND name : "a"', {"a", "ab"}),
        ('createdAt < "7d"', {"plain"}),
        ('createdAt > "1w" AND private = true', {"private"}),
        ('createdAt >= "2020-01-01" AND name : "p"', {"plain", "private"}),
        ('createdAt > "2020-01-01T10:00:00.000Z" AND name : "pl"', {"plain"}),
        ("size < 10", {"note"}),
        ('size < "1kb" AND width > 100', {"large"}),
        ('tags IN ["red"]', {"tagged", "private"}),
        ('tags NOT IN ["red"] AND path : "/a"', {"large"}),
        ("tags NOT EXISTS", {"plain", "large", "note"}),
        ("tags EXISTS", {"tagged", "private"}),
        ('tags HAS "blue"', {"tagged"}),
        ('format = "png"', {"large"}),
        ('format IN ["png", "txt"]', {"large", "note"}),
        ('"customMetadata.brand" = "X"', {"tagged"}),
        ('"customMetadata.n" > 4', {"tagged"}),
        ('"customMetadata.n" > 5', set()),
        ('tags HAS "blue" OR name = "note.txt" AND size > 1mb', {"tagged"}),
        ('(tags HAS "blue" OR name = "note.txt") AND size < 10', {"note"}),
        ('name = "it\\"s"', set()),
        ('createdBy = "x"', set()),
    ],
)
def test_search__finds(api, query, expected):
    assert names(api, searchQuery=query) == expected


@pytest.mark.usefixtures("library")
def test_search__by_id(api, upload):
    file_id = upload("/one.jpg").file_id

    assert names(api, searchQuery=f'id = "{file_id}"') == {"one"}


@pytest.mark.usefixtures("library")
def test_search__ignores_type_but_not_path(api):
    assert names(api, searchQuery='name : "t"', type="folder", path="/a") == {"tagged"}


@pytest.mark.parametrize(
    "query",
    [
        "name",
        'name = "a',
        'name > "a"',
        'colour = "red"',
        'size : "1"',
        'size > "much"',
        'createdAt > "yesterday"',
        'createdAt > "2024-99-01"',
        'type = "movie"',
        "private = 1",
        '"customMetadata." = 1',
        '"customMetadata.a\\"b" = 1',
        "(" * 25 + 'name = "a"' + ")" * 25,
        " OR ".join(['name = "a"'] * 101),
        "x" * 10_001,
    ],
    ids=lambda query: query[:30],
)
def test_search__bad_query(api, query):
    answer = api.get("/v1/files", params={"searchQuery": query})

    assert answer.status_code == 400
    assert "searchQuery" in answer.json()["message"]


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, {"plain", "tagged", "large", "private", "note"}),
        ({"path": "/a/"}, {"tagged"}),
        ({"path": "a"}, {"tagged"}),
        ({"fileType": "non-image"}, {"note"}),
        ({"type": "folder"}, {"a", "ab", "b"}),
        ({"type": "file-version"}, set()),
        ({"name": "note.txt"}, {"note"}),
        ({"tags": "blue, green"}, {"tagged"}),
        ({"sort": "ASC_SIZE", "limit": "1"}, {"note"}),
        ({"sort": "ASC_NAME", "limit": "2", "skip": "1"}, {"note", "plain"}),
    ],
)
def test_list__parameters(api, params, expected):
    assert names(api, **params) == expected


@pytest.mark.parametrize(
    "params",
    [
        {"limit": "0"},
        {"limit": "1001"},
        {"limit": "x"},
        {"limit": "١"},
        {"skip": "-1"},
        {"skip": "9" * 5000},
        {"sort": "NAME"},
        {"sort": "ASC_COLOUR"},
        {"type": "movie"},
        {"fileType": "video"},
    ],
)
def test_list__bad_parameters(api, params):
    assert api.get("/v1/files", params=params).status_code == 400


def test_list__deep_page_of_a_large_library_is_quick(api, app):
    now = now_ms()
    with app.services.database.write() as connection:
        for n in range(20_000):
            file_id = new_id()
            insert_asset(
                connection,
                {
                    "kind": "file",
                    "file_id": file_id,
                    "version_id": file_id,
                    "folder": f"/f{n % 50}",
                    "name": f"{n}.jpg",
                    "created_at": now + n,
                    "updated_at": now,
                    "file_type": "image",
                },
            )
    start = time.perf_counter()
    found = names(api, limit="10", skip="19990")
    found |= names(api, searchQuery='path : "/f7/" AND name = "19957.jpg"')

    assert found == {*map(str, range(19_990, 20_000)), "19957"}
    assert time.perf_counter() - start < 0.5


WORDS = ["name", "size", "tags", "path", "type", "createdAt", "private", "format"]
WORDS += ['"customMetadata.x"', "AND", "OR", "NOT", "IN", "HAS", "EXISTS", "(", ")"]
WORDS += ["[", "]", ",", "=", ":", "<", ">", "1", '"1d"', '"a"', "true", '"folder"']


@given(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join) | st.text())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_search__any_text_is_answered(api, text):
    params = {"searchQuery": text.encode("utf-8", "replace").decode()}

    assert api.get("/v1/files", params=params).status_code in {200, 400}
