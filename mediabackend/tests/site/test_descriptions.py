"""The names, breadcrumbs and descriptions on the pages of the browsable API."""

import re

import pytest
from django.urls import resolve
from rest_framework.utils.breadcrumbs import get_breadcrumbs

from mediabackend.site.schema import openapi_document
from mediabackend.templatetags.markup import as_html

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
HTML = {"Accept": "text/html"}
ID = "01a22693-fbb2-75ba-a99b-a37eb2a7857f"


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/api/v1/", ["API"]),
        ("/api/v1/images/", ["API", "Images"]),
        (f"/api/v1/images/{ID}/", ["API", "Images", "Image"]),
        (f"/api/v1/images/{ID}/report/", ["API", "Images", "Image", "Report"]),
        ("/api/v1/images/bulk-delete/", ["API", "Images", "Bulk delete"]),
        ("/api/v1/users/me/sessions/", ["API", "Your profile", "Your sign-ins"]),
        (f"/api/v1/users/{ID}/images/", ["API", "Public images of a user"]),
        ("/api/v1/auth/password/reset/", ["API", "Password reset"]),
    ],
)
def test_breadcrumbs__name_each_page_on_the_way(path, names):
    assert [name for name, _ in get_breadcrumbs(path)] == names


def test_breadcrumbs__of_all_paths_lead_to_pages():
    for path in openapi_document()["paths"]:
        crumbs = get_breadcrumbs(path.replace("{id}", ID))
        assert crumbs[0] == ("API", "/api/v1/")
        assert len({name for name, _ in crumbs}) == len(crumbs)
        for name, url in crumbs:
            assert name, path
            assert issubclass(resolve(url).func.cls, object)


def test_pages__have_the_descriptions_of_the_openapi_document(client, user):
    client.force_login(user)
    for path, operations in openapi_document()["paths"].items():
        if path.endswith("/export/"):
            continue
        page = client.get(path.replace("{id}", ID), headers=HTML).content.decode()
        text = re.search(r'<div class="description">(.*?)</div>', page, re.S)[1]
        for method, operation in operations.items():
            summary = str(as_html(f"**{method.upper()}** {operation['summary']}."))
            assert summary.removesuffix("</p>") in text, path
        assert not re.search(r"`|\*\*|\]\(", text), path


def test_page__without_a_sign_in_is_described_too(client):
    response = client.get("/api/v1/images/", headers=HTML)
    assert response.status_code == 401
    assert "<b>POST</b> Upload an image." in response.content.decode()


def test_options__have_the_name_and_the_description(api):
    body = api.options("/api/v1/images/").json()
    assert body["name"] == "Images"
    assert body["description"].startswith("**GET** List the caller")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("One.\n\nTwo.", "<p>One.</p><p>Two.</p>"),
        ("`a<b` **c&d**", "<p><code>a&lt;b</code> <b>c&amp;d</b></p>"),
        ('[x<](/a?b="c")', '<p><a href="/a?b=&quot;c&quot;">x&lt;</a></p>'),
        ("<script>`", "<p>&lt;script&gt;`</p>"),
    ],
)
def test_markup__is_html_and_all_else_is_text(text, html):
    assert as_html(text) == html
