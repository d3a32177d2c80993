"""Texts that people may type, and their normalisation."""

import unicodedata

import pytest
from django.core.exceptions import ValidationError
from django.urls import URLPattern, get_resolver
from hypothesis import given
from hypothesis import strategies as st
from rest_framework import serializers

from mediabackend.api.text import (
    LinesFormField,
    TextField,
    TextFormField,
    escape_for_log,
    normalize_text,
)

CONTROLS = ["\x00", "\x07", "\x1b[31m", "\x7f", "\x85", "\x9f", "\r"]


@pytest.mark.parametrize("control", [*CONTROLS, "\n", "\t", "\ud800"], ids=ascii)
def test_line__rejects_control_characters(control):
    for clean in (TextField().run_validation, TextFormField().clean):
        with pytest.raises((ValidationError, serializers.ValidationError)) as caught:
            clean(f"a{control}b")
        assert "U+" in str(caught.value)


@pytest.mark.parametrize("control", [*CONTROLS, "\udfff"], ids=ascii)
def test_lines__reject_other_control_characters(control):
    for clean in (TextField(multiline=True).run_validation, LinesFormField().clean):
        with pytest.raises((ValidationError, serializers.ValidationError)):
            clean(f"a{control}b")


def test_lines__keep_line_feeds_and_tabs():
    for clean in (TextField(multiline=True).run_validation, LinesFormField().clean):
        assert clean("a\r\nb\n\tc") == "a\nb\n\tc"


@pytest.mark.parametrize(
    "text",
    ["日本語", "مرحبا \u202bעברית\u202c", "👩‍👩‍👧", "ﬁ ² ℌ", "<b>&amp;</b>", "क़"],
)
def test_text__is_kept_as_typed(text):
    for clean in (TextField().run_validation, TextFormField().clean):
        assert clean(text) == unicodedata.normalize("NFC", text)


def test_text__is_composed():
    assert normalize_text("e\u0301") == "é"
    assert normalize_text("ﬁ ²") == "ﬁ ²"


def test_length__is_that_of_the_composed_text():
    assert TextField(max_length=1).run_validation("e\u0301") == "é"
    # One character that Unicode writes as two.
    with pytest.raises(serializers.ValidationError):
        TextField(max_length=1).run_validation("\u0958")


def test_empty__stays_empty():
    assert TextFormField(required=False).clean(None) == ""
    assert TextField(allow_blank=True).run_validation("") == ""


@given(st.text())
def test_escape__leaves_one_visible_line(text):
    assert len(escape_for_log(text).splitlines()) <= 1


def test_escape__shows_what_was_there():
    assert escape_for_log("a\nINFO ok\x1b[0m\u2028é") == (
        "a\\u000aINFO ok\\u001b[0m\\u2028é"
    )


def _serializers(patterns):
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            view = getattr(pattern.callback, "cls", None)
            yield getattr(view, "serializer_class", None)
        else:
            yield from _serializers(pattern.url_patterns)


def test_every_text_column__that_the_api_writes_is_checked():
    checked = set()
    for serializer in filter(None, _serializers(get_resolver().url_patterns)):
        if not issubclass(serializer, serializers.ModelSerializer):
            continue
        for name, field in serializer().get_fields().items():
            if type(field) is serializers.CharField and not field.read_only:
                pytest.fail(f"{serializer.__name__}.{name} takes any character")
            if isinstance(field, TextField):
                checked.add(name)
    assert checked >= {"caption", "alt_text", "display_name"}
