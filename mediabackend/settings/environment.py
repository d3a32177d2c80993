"""The environment that all settings are read from, and `.env` beside manage.py."""

import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parents[2]

env = environ.Env()
# Variables that are set already win.
env.read_env(BASE_DIR / ".env")

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
