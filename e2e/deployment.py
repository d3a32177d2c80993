"""The services of a Compose file, run from the image on this machine."""

import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from e2e.compose import Service
from e2e.images import Image
from e2e.parts import Part
from e2e.servers import bare_environ


@dataclass(frozen=True)
class Deployment:
    """The services, their image, and the variables that differ on this machine.

    `folder` gets the logs, and has the folder `secrets` of the deployment.
    """

    image: Image
    services: Mapping[str, Service]
    changes: Mapping[str, str]
    folder: Path

    def part(
        self, name: str, is_ready: Callable[[], bool], arguments: Sequence[str] = ()
    ) -> Part:
        """Return a service that goes on until it is stopped."""
        command = (*self.services[name].command, *arguments)
        return Part(
            command=self._enter(name, command),
            cwd=self.folder,
            environ=bare_environ(),
            log=self.folder / f"{name}.log",
            is_ready=is_ready,
        )

    def run(self, name: str, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a service that ends, or another command in its container."""
        words = command or self.services[name].command
        return subprocess.run(
            self._enter(name, words),
            cwd=self.folder,
            env=bare_environ(),
            capture_output=True,
            text=True,
        )

    def _enter(self, name: str, command: Sequence[str]) -> tuple[str, ...]:
        environ = {**self.services[name].environ, **self.changes}
        secrets = self.folder / "secrets"
        secrets.mkdir(mode=0o700, exist_ok=True)
        return self.image.command(command, environ, secrets)
