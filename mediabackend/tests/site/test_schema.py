"""The OpenAPI document: made once, for any number of clients at once."""

import gzip
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
import yaml
from django.test import Client

from mediabackend.site import schema

URL = "/api/schema/"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def new_process():
    """Forget the document, as a process that has just started."""
    schema._document.cache_clear()
    schema._data.cache_clear()


def get(_: object = None, **headers: str):
    response = Client(raise_request_exception=False).get(URL, headers=headers)
    return response.status_code, response.content


def test_schema__is_made_once_for_96_requests_at_once(monkeypatch):
    made = []
    original = schema.SchemaView.generator_class.get_schema

    def count(self, *args, **kwargs):
        made.append(1)
        return original(self, *args, **kwargs)

    monkeypatch.setattr(schema.SchemaView.generator_class, "get_schema", count)
    with ThreadPoolExecutor(96) as threads:
        answers = list(threads.map(get, range(96)))
    assert {status for status, _ in answers} == {200}
    assert len({content for _, content in answers}) == 1
    assert len(made) == 1


@pytest.mark.parametrize(
    ("path", "accept", "kind"),
    [
        (URL, "", "application/vnd.oai.openapi; charset=utf-8"),
        (URL, "application/yaml", "application/yaml; charset=utf-8"),
        (URL, "application/json", "application/json"),
        (f"{URL}?format=json", "", "application/vnd.oai.openapi+json"),
        (f"{URL}?format=json", "application/json", "application/json"),
        (f"{URL}?format=yaml", "", "application/vnd.oai.openapi; charset=utf-8"),
    ],
)
def test_schema__comes_in_the_format_that_is_asked_for(client, path, accept, kind):
    response = client.get(path, headers={"Accept": accept or "*/*"})
    assert response["Content-Type"] == kind
    read = json.loads if "json" in kind else yaml.safe_load
    document = read(response.content)
    assert document["openapi"].startswith("3.")
    assert "/api/v1/images/" in document["paths"]


def test_schema__in_an_unknown_format_is_404(client):
    assert client.get(f"{URL}?format=xml").status_code == 404


def test_schema__is_compressed_for_clients_that_accept_it(client):
    plain = client.get(URL)
    packed = client.get(URL, headers={"Accept-Encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert len(packed.content) < len(plain.content) / 5
    assert "Accept-Encoding" in plain["Vary"]
    assert "Accept-Encoding" in packed["Vary"]


@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_schema__that_the_client_has_is_304(client, encoding):
    headers = {"Accept-Encoding": encoding}
    first = client.get(URL, headers=headers)
    again = client.get(URL, headers=headers | {"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = client.get(f"{URL}?format=json", headers={"If-None-Match": first["ETag"]})
    assert other.status_code == 200


def test_schema__does_not_depend_on_who_asks(api, anonymous):
    assert api.get(URL).content == anonymous.get(URL).content
