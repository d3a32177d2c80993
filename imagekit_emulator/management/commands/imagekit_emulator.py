"""Run the ImageKit emulator behind a port of its own."""

import signal
import threading
from argparse import ArgumentParser
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from imagekit_emulator.app import Emulator
from imagekit_emulator.config import EmulatorConfig
from imagekit_emulator.server import open_server

DEFAULTS = {
    "ROOT": ".imagekit-emulator",
    "PRIVATE_KEY": "private_emulator_that_guards_nothing",
    "PUBLIC_KEY": "public_emulator",
}


class Command(BaseCommand):
    help = "Serve a local stand-in for ImageKit's API and delivery URLs."
    # It has to start without a database and with half a configuration.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8001, help="0: a free one")
        parser.add_argument("--root", help="the folder of files and index")
        parser.add_argument("--private-key")
        parser.add_argument("--public-key")
        parser.add_argument(
            "--allow-remote", action="store_true", help="answer to other machines"
        )
        parser.add_argument(
            "--allow-production", action="store_true", help="start with DEBUG=False"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        _refuse_unsafe(options)
        try:
            # The address in answers is known only after the port is bound.
            probe = open_server(None, options["host"], options["port"])  # type: ignore
        except (OSError, SystemExit, OverflowError) as error:
            raise CommandError(f"cannot listen on port {options['port']}") from error
        config = _config(options, probe.port)
        app = Emulator(config)
        probe.app = app
        self._print_settings(config)
        # `shutdown` waits for the loop to end, so it cannot run in this thread.
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(
                name, lambda *_: threading.Thread(target=probe.shutdown).start()
            )
        try:
            probe.serve_forever()
        finally:
            app.close()

    def _print_settings(self, config: EmulatorConfig) -> None:
        base = config.url_endpoint.removesuffix(f"/{config.imagekit_id}")
        self.stdout.write(
            f"ImageKit emulator on {base}, files in {config.root}\n"
            f"IMAGEKIT_API_URL={base}\n"
            f"IMAGEKIT_URL_ENDPOINT={config.url_endpoint}\n"
            f"IMAGEKIT_PRIVATE_KEY={config.private_key}\n"
            f"IMAGEKIT_PUBLIC_KEY={config.public_key}"
        )
        self.stdout.flush()


def _refuse_unsafe(options: dict[str, Any]) -> None:
    if not settings.DEBUG and not options["allow_production"]:
        raise CommandError(
            "The emulator is for development: DEBUG is off. "
            "Add --allow-production to start it all the same."
        )
    if not _is_loopback(options["host"]) and not options["allow_remote"]:
        raise CommandError(
            f"{options['host']} is open to other machines. "
            "Add --allow-remote to listen there all the same."
        )


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _config(options: dict[str, Any], port: int) -> EmulatorConfig:
    """Return the options of the command, then those of the settings, then defaults."""
    given = DEFAULTS | (getattr(settings, "IMAGEKIT_EMULATOR", None) or {})
    host = options["host"]
    address = f"[{host}]" if ":" in host else host
    return EmulatorConfig(
        root=Path(options["root"] or given["ROOT"]).resolve(),
        private_key=options["private_key"] or given["PRIVATE_KEY"],
        public_key=options["public_key"] or given["PUBLIC_KEY"],
        url_endpoint=f"http://{address}:{port}/demo",
    )
