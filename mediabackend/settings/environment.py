"""The environment that all settings are read from, and `.env` beside manage.py."""

import os
import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parents[2]

# Variables that are set already win, even if they are empty.
environ.Env.read_env(BASE_DIR / ".env")


class Variables:
    """The variables of the process, whose values may stand in files.

    `X_FILE` names a file with the value of `X`, as secrets of containers are given. An
    empty variable is as good as none, but for THROTTLE_*: there it means no limit.
    """

    def __getitem__(self, name: str) -> str:
        value, file = (os.environ.get(key, "") for key in (name, f"{name}_FILE"))
        if value and file:
            raise ImproperlyConfigured(
                f"Both {name} and {name}_FILE are set. Remove one of them."
            )
        if file:
            value = _read(f"{name}_FILE", file)
        is_no_limit = name.startswith("THROTTLE_") and (file or name in os.environ)
        if not (value or is_no_limit):
            raise KeyError(name)
        # django-environ takes a leading $ for the name of another variable.
        return value.replace("$", r"\$")


def _read(name: str, path: str) -> str:
    """Return the text of a file without the line breaks at its end."""
    try:
        return Path(path).read_text().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"{name}: cannot read {path} ({error}).") from error


class Environment(environ.Env):
    ENVIRON = Variables()

    def choice(self, name: str, allowed: list[str], *, default: str) -> str:
        """Return the variable; raises ImproperlyConfigured if it is none of these."""
        value: str = self.str(name, default=default)
        if value not in allowed:
            *others, last = map(repr, allowed)
            choices = f"{', '.join(others)} or {last}"
            raise ImproperlyConfigured(f"{name} must be {choices}.")
        return value


env = Environment()
env.escape_proxy = True

DEBUG = env.bool("DEBUG", default=False)

# The path that all URLs of this site begin with, such as /media; empty at the root of
# its host.
SCRIPT_NAME = env.str("SCRIPT_NAME", default="").rstrip("/")
if not re.fullmatch(r"(/[A-Za-z0-9._~-]+)*", SCRIPT_NAME):
    raise ImproperlyConfigured("SCRIPT_NAME must be a path such as /media.")


def read_networks(name: str, default: list[str]) -> list[IPv4Network | IPv6Network]:
    """Return the IP addresses and networks that variable `name` lists.

    Raises ImproperlyConfigured, naming the variable, for anything else.
    """
    try:
        return [ip_network(value.strip()) for value in env.list(name, default=default)]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: {error}") from error
