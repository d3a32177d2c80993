import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import storages

from images.imagekit.storage import ImageKitStorage
from images.tests.imagekit.conftest import OPTIONS


@pytest.mark.parametrize(
    "change",
    [
        {"private_key": ""},
        {"url_endpoint": ""},
        {"url_ttl": 0},
        {"location": "a/../b"},
        {"privat_key": "typo"},
        {"bucket": "that of another storage"},
    ],
    ids=str,
)
def test_options__that_cannot_work_are_refused_at_construction(change):
    with pytest.raises(ImproperlyConfigured):
        ImageKitStorage(**(OPTIONS | change))


def test_options__without_a_key_take_it_from_the_environment(monkeypatch):
    monkeypatch.setenv("IMAGEKIT_PRIVATE_KEY", "private_env")
    options = {k: v for k, v in OPTIONS.items() if k != "private_key"}
    assert ImageKitStorage(**options).client_options.private_key == "private_env"


def test_deconstruct__leaves_the_private_key_out():
    path, args, kwargs = ImageKitStorage(**OPTIONS).deconstruct()
    assert path == "images.imagekit.storage.ImageKitStorage"
    assert args == []
    assert kwargs == {k: v for k, v in OPTIONS.items() if k != "private_key"}


def test_storages__are_made_from_the_settings(settings):
    settings.STORAGES = {
        **settings.STORAGES,
        "other": {
            "BACKEND": "images.imagekit.storage.ImageKitStorage",
            "OPTIONS": OPTIONS | {"location": "other"},
        },
    }
    assert storages["other"].location == "other"
