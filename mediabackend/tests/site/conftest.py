"""Fixtures for the metrics and the OpenAPI document."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import yaml
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from prometheus_client.parser import text_string_to_metric_families

from mediabackend.tests.site.openapi_parts import Document

METHODS = ("get", "post", "put", "patch", "delete")
TOKEN = "kaXn3-0Vd9qTz7Lw_4cPmYh2RsBf8JgU"
# The value of each series, by its name and labels.
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture
def scrape(settings) -> Callable[[], str]:
    """Return what /metrics answers."""
    settings.METRICS_TOKEN = TOKEN

    def get() -> str:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        response = Client().get("/metrics", headers=headers)
        assert response.status_code == 200
        return response.content.decode()

    return get


def samples_of(text: str) -> Samples:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
def value_of(scrape) -> Callable[..., float]:
    """Return the value of one series, by the end of its name and its labels."""

    def value(name: str, **labels: str) -> float:
        key = f"mediabackend_{name}", frozenset(labels.items())
        return samples_of(scrape()).get(key, 0)

    return value


@pytest.fixture
def added(value_of):
    """Assert by how much the block raises a series."""

    @contextmanager
    def assert_added(number: float, name: str, **labels: str) -> Iterator[None]:
        before = value_of(name, **labels)
        yield
        assert value_of(name, **labels) - before == number, (name, labels)

    return assert_added


@pytest.fixture(scope="session")
def openapi_yaml() -> str:
    document = SchemaGenerator().get_schema(request=None, public=True)
    return OpenApiYamlRenderer().render(document, renderer_context={}).decode()


@pytest.fixture(scope="session")
def document(openapi_yaml) -> Document:
    return yaml.load(openapi_yaml, Loader=yaml.CSafeLoader)


@pytest.fixture(scope="session")
def operations(document) -> dict[str, Document]:
    return {
        operation["operationId"]: operation
        for path in document["paths"].values()
        for method, operation in path.items()
        if method in METHODS
    }
