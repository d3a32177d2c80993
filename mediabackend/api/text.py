"""Text that people type: normalised to NFC, without control characters.

In NFC (Unicode Standard Annex 15) texts that look the same are the same. Direction
marks and joiners are allowed: real languages need them.
"""

import unicodedata
from typing import Any, ClassVar, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from rest_framework import serializers

_LINES = frozenset("\n\t")
# Unicode categories: control characters, and halves of surrogate pairs.
_REFUSED = frozenset({"Cc", "Cs"})
# Characters that could end a log line, or hide a part of it.
_UNSAFE_IN_LOGS = _REFUSED | {"Cf", "Zl", "Zp"}


def normalize_text(value: str) -> str:
    """Return the text in NFC, with LF in place of the CRLF that forms send."""
    return unicodedata.normalize("NFC", value).replace("\r\n", "\n")


def check_text(value: str, multiline: bool = False) -> None:
    """Raise a ValidationError `control_characters` for a control character.

    A multiline text may have line feeds and tabs.
    """
    allowed = _LINES if multiline else frozenset()
    for character in value:
        if unicodedata.category(character) in _REFUSED and character not in allowed:
            raise ValidationError(
                f"The character U+{ord(character):04X} is not allowed.",
                "control_characters",
            )


def escape_for_log(value: str) -> str:
    r"""Return the text with \uXXXX for characters that could forge a log line."""
    return "".join(
        f"\\u{ord(character):04x}"
        if unicodedata.category(character) in _UNSAFE_IN_LOGS
        else character
        for character in value
    )


class TextField(serializers.CharField):
    """A text in the API; its length is checked after the normalisation."""

    def __init__(self, *, multiline: bool = False, **kwargs: Any) -> None:
        self.multiline = multiline
        if multiline:
            kwargs.setdefault("style", {"base_template": "textarea.html"})
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> str:
        value = normalize_text(super().to_internal_value(data))
        check_text(value, self.multiline)
        return value


M = TypeVar("M", bound=models.Model)


class TextModelSerializer(serializers.ModelSerializer[M]):
    """A ModelSerializer that uses `TextField` for text columns.

    `multiline` is set for a column in `Meta.extra_kwargs`.
    """

    serializer_field_mapping: ClassVar[dict[Any, Any]] = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.CharField: TextField,
        models.TextField: TextField,
    }


class TextFormField(forms.CharField):
    """A text in a form."""

    multiline = False

    def to_python(self, value: Any) -> Any:
        text = normalize_text(super().to_python(value) or "")
        check_text(text, self.multiline)
        return text or self.empty_value


class LinesFormField(TextFormField):
    """A text with several lines in a form."""

    multiline = True
