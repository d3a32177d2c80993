"""The Compose files of the project, as Docker Compose reads them."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
# ${NAME}, ${NAME:-default} and ${NAME:?message}.
_VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


@dataclass(frozen=True)
class Service:
    """A service. `command` is empty for that of its image."""

    name: str
    image: str
    command: tuple[str, ...]
    environ: Mapping[str, str]
    options: Mapping[str, Any]

    @property
    def is_ours(self) -> bool:
        return "build" in self.options


def read_services(
    name: str, variables: Mapping[str, str], folder: Path = ROOT
) -> dict[str, Service]:
    """Return the services of a Compose file by name.

    `variables` are those of `.env`, for the file and for services that ask for them.
    """
    text = _VARIABLE.sub(
        lambda found: _value(found, variables), (folder / name).read_text()
    )
    return {
        service: _service(service, options, variables)
        for service, options in yaml.safe_load(text)["services"].items()
    }


def _value(found: re.Match[str], variables: Mapping[str, str]) -> str:
    name, kind, rest = found.groups()
    if variables.get(name):
        return variables[name]
    assert kind == "-", f"{name} is not set"
    return rest


def _service(
    name: str, options: Mapping[str, Any], variables: Mapping[str, str]
) -> Service:
    command = options.get("command", ())
    words = shlex.split(command) if isinstance(command, str) else map(str, command)
    from_file = variables if options.get("env_file") == ".env" else {}
    environ = {**from_file, **options.get("environment", {})}
    return Service(name, options["image"], tuple(words), environ, options)


def read_dotenv(path: Path) -> dict[str, str]:
    """Return the variables of a file that `make deploy-env` wrote."""
    lines = (line.split("=", 1) for line in path.read_text().splitlines())
    return {name: value.strip("'") for name, value in lines}
