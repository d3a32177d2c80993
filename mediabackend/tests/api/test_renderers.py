"""JSON answers: what the REST framework's renderer writes, byte for byte."""

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.utils.functional import lazystr
from rest_framework import renderers
from rest_framework.exceptions import ErrorDetail
from rest_framework.utils.serializer_helpers import ReturnDict

from mediabackend.api.renderers import JSONRenderer

MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "data",
    [
        {"text": 'ö "quoted" \\ \n\t\x1f😀', "empty": "", "none": None, "yes": True},
        {"moment": MOMENT, "exact": MOMENT.replace(microsecond=120)},
        {"id": UUID(int=7), "tuple": (1, 2), "large": 2**63 - 1, "list": []},
        {"lazy": lazystr("later"), "error": ErrorDetail("No.", "invalid")},
        ReturnDict({"nested": {"set": {1}}}, serializer=None),
        [],
    ],
)
def test_bytes__are_those_of_the_rest_framework(data):
    expected = renderers.JSONRenderer().render(data)
    assert JSONRenderer().render(data) == expected
    json.loads(expected)


def test_nothing__is_no_body():
    assert JSONRenderer().render(None) == b""


def test_an_indentation__is_kept_to():
    body = JSONRenderer().render({"a": 1}, "application/json; indent=4")
    assert body == b'{\n    "a": 1\n}'
