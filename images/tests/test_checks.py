import pytest
from django.core.checks import run_checks


def found(**kwargs) -> set[str]:
    return {message.id for message in run_checks(tags=["files"], **kwargs)}


def real_service(settings, **options) -> None:
    """Configure the storages as in production."""
    settings.IMAGEKIT_EMULATOR = None
    settings.MODERATION_CONTACT = "mods@example.com"
    settings.MODERATION_REDRESS = "Object within six months."
    settings.MODERATION_TERMS = "https://example.com/terms"
    settings.IMAGEKIT_URL_ENDPOINT = options.get(
        "url_endpoint", "https://ik.imagekit.io/demo"
    )
    good = {"private_key": "private_x", "url_endpoint": settings.IMAGEKIT_URL_ENDPOINT}
    backend = {
        "BACKEND": "images.imagekit.storage.ImageKitStorage",
        "OPTIONS": good | options,
    }
    aliases = ("default", "private", "kit_backend")
    settings.STORAGES = settings.STORAGES | dict.fromkeys(aliases, backend)


def test_checks__find_nothing_with_the_emulator():
    assert found() == set()


def test_checks__find_nothing_with_the_real_service(settings):
    real_service(settings)
    assert found(include_deployment_checks=True) == set()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"private_key": ""}, "images.E001"),
        ({"unknown": 1}, "images.E001"),
        ({"url_endpoint": "ik.imagekit.io/demo"}, "images.E002"),
    ],
    ids=str,
)
def test_checks__find_a_storage_that_cannot_work(settings, options, expected):
    real_service(settings, **options)
    assert found() == {expected}


@pytest.mark.parametrize("name", ["UPLOAD_MAX_BYTES", "UPLOAD_MAX_PIXELS"])
def test_checks__find_a_limit_that_lets_nothing_through(settings, name):
    setattr(settings, name, 0)
    assert found() == {"images.E003"}


def test_deploy_checks__warn_of_the_emulator():
    assert "images.W001" in found(include_deployment_checks=True)


def test_deploy_checks__warn_of_plain_http(settings):
    real_service(settings, url_endpoint="http://ik.imagekit.io/demo")
    assert found(include_deployment_checks=True) == {"images.W002"}


@pytest.mark.parametrize("setting", ["IMAGEKIT_FOLDER", "KIT_BACKEND_FOLDER"])
@pytest.mark.parametrize("folder", ["/media.v2", "media/é", "/a b", "../media"])
def test_checks__find_a_folder_that_imagekit_would_rename(settings, setting, folder):
    setattr(settings, setting, folder)
    assert found() == {"images.E005"}


@pytest.mark.parametrize("folder", ["", "/", "media", "/media/v2_a-b/"])
def test_checks__find_nothing_in_a_folder_of_imagekit_s_alphabet(settings, folder):
    settings.IMAGEKIT_FOLDER = folder
    assert found() == set()


@pytest.mark.parametrize(
    "name", ["MODERATION_CONTACT", "MODERATION_REDRESS", "MODERATION_TERMS"]
)
def test_deploy_checks__warn_of_mails_that_lack_a_part(settings, name):
    real_service(settings)
    setattr(settings, name, "")
    (message,) = run_checks(tags=["files"], include_deployment_checks=True)
    assert message.id == "images.W003"
    assert message.hint.startswith(f"Set {name};")
