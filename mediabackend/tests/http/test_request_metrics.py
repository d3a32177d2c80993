"""Names of routes in the metrics."""

import re

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from mediabackend.http.request_metrics import template_of


@pytest.mark.parametrize(
    ("route", "template"),
    [
        ("", "/"),
        ("healthz", "/healthz"),
        ("api/v1/users/<str:id>/images/", "/api/v1/users/{id}/images/"),
        ("api/v1/^images/$", "/api/v1/images/"),
        ("api/v1/^images/(?P<pk>[^/]+)/$", "/api/v1/images/{pk}/"),
        (r"admin/(?P<url>.*)\Z", "/admin/{url}"),
    ],
)
def test_template__is_that_of_the_openapi_document(route, template):
    assert template_of(route) == template


def routes(resolver, prefix: str = "") -> set[str]:
    found = set()
    for pattern in resolver.url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found |= routes(pattern, path)
        elif isinstance(pattern, URLPattern):
            found.add(path)
    return found


def test_templates__have_no_remains_of_patterns():
    found = {template_of(route) for route in routes(get_resolver())}
    assert [path for path in found if not re.fullmatch(r"[\w{}/.-]+", path)] == []
    assert len(found) > 60
