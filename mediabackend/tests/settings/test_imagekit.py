"""The settings of ImageKit, as they are read from the environment."""

import pytest

from mediabackend.tests.settings.test_secrets import python

SIGNING = """
from mediabackend import settings as s
signed = [s.STORAGES[alias]["OPTIONS"]["signed"] for alias in ("default", "private")]
emulator = s.IMAGEKIT_EMULATOR and s.IMAGEKIT_EMULATOR["TRAITS"]
print(signed, emulator, s.IMAGE_RENDITIONS["thumbnail"]["smart_crop"])
"""
LAPTOP = {"DEBUG": "true", "SECRET_KEY": "x" * 50}


@pytest.mark.parametrize(
    ("env", "printed"),
    [
        ({}, "[False, False] () True"),
        ({"IMAGEKIT_SIGN": "private"}, "[False, False] () True"),
        ({"IMAGEKIT_SIGN": "all"}, "[True, True] ('restrict_unsigned',) True"),
        ({"IMAGEKIT_SMART_CROP": "false"}, "[False, False] () False"),
    ],
    ids=str,
)
def test_imagekit__is_configured_by_the_environment(env, printed):
    assert python("-c", SIGNING, **LAPTOP, **env).stdout.strip() == printed


def test_start__is_refused_with_an_unknown_kind_of_signing():
    result = python("-c", SIGNING, **LAPTOP, IMAGEKIT_SIGN="some")
    assert result.returncode != 0
    assert "IMAGEKIT_SIGN must be 'private' or 'all'" in result.stderr
