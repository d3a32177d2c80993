import importlib

import pytest
from django.core.exceptions import ImproperlyConfigured

from mediabackend.settings import uploads as privacy_settings


@pytest.fixture
def read(monkeypatch):
    """Return KEEP_METADATA as it is read from this value."""

    def reload(value: str) -> list[str]:
        with monkeypatch.context() as patch:
            patch.setenv("KEEP_METADATA", value)
            return list(importlib.reload(privacy_settings).KEEP_METADATA)

    yield reload
    importlib.reload(privacy_settings)


def test_keep_metadata__is_a_list(read):
    assert read("") == []
    assert read("c2pa,copyright") == ["c2pa", "copyright"]


def test_keep_metadata__with_an_unknown_word_refuses_to_start(read):
    with pytest.raises(ImproperlyConfigured, match="'gps'"):
        read("copyright,gps")
