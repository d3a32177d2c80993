"""The emulator as a program."""

import os
import re
import signal
import subprocess
import sys

import httpx
import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command

from imagekit_emulator.tests.conftest import make_sdk
from imagekit_emulator.tests.pictures import make_image


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.com"])  # noqa: S104
def test_command__refuses_to_be_open_to_others(settings, host):
    settings.DEBUG = True

    with pytest.raises(CommandError, match="--allow-remote"):
        call_command("imagekit_emulator", host=host)


def test_command__refuses_production(settings):
    settings.DEBUG = False

    with pytest.raises(CommandError, match="--allow-production"):
        call_command("imagekit_emulator")


def test_command__port_is_taken(settings, live_url):
    settings.DEBUG = True

    with pytest.raises(CommandError, match="Cannot listen"):
        call_command("imagekit_emulator", port=int(live_url.rpartition(":")[2]))


@pytest.mark.parametrize(
    ("traits", "sign", "status"),
    [((), "private", 200), (("--trait", "restrict_unsigned"), "all", 401)],
    ids=["plain", "restricted"],
)
def test_command__serves_on_a_free_port_until_terminated(
    tmp_path, traits, sign, status
):
    command = [sys.executable, "manage.py", "imagekit_emulator", "--port", "0"]
    command += ["--root", str(tmp_path), "--private-key", "private_x", *traits]
    process = subprocess.Popen(
        command,
        cwd=django_settings.BASE_DIR,
        env=os.environ | {"DEBUG": "true"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            lines = dict(_settings_lines(process))
            with make_sdk(lines["IMAGEKIT_API_URL"]) as sdk:
                stored = sdk.files.upload(
                    file=("a.jpg", make_image()), file_name="a.jpg"
                )
            delivered = httpx.get(stored.url)
        finally:
            process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=10)

    assert lines["IMAGEKIT_PRIVATE_KEY"] == "private_x"
    assert stored.url.startswith(lines["IMAGEKIT_URL_ENDPOINT"])
    assert delivered.status_code == status
    assert lines["IMAGEKIT_SIGN"] == sign
    assert process.returncode == 0
    assert (output, errors) == ("", "")


def _settings_lines(process):
    """Read what the program prints until the last of its settings."""
    for line in process.stdout:
        match = re.fullmatch(r"(IMAGEKIT_[A-Z_]+)=(.+)\n", line)
        if match:
            yield match.groups()
        if line.startswith("IMAGEKIT_PUBLIC_KEY="):
            return
