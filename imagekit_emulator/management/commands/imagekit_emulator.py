"""Serve the ImageKit emulator on a port of its own."""

import signal
import threading
from argparse import ArgumentParser
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from imagekit_emulator.app import Emulator
from imagekit_emulator.config import TRAITS, EmulatorConfig
from imagekit_emulator.server import open_server

DEFAULTS = {
    "ROOT": ".imagekit-emulator",
    "PRIVATE_KEY": "private_emulator_that_guards_nothing",
    "PUBLIC_KEY": "public_emulator",
}


class Command(BaseCommand):
    help = "Serve an emulator of ImageKit.io: its API and its delivery URLs."
    # It must start without a database and with an incomplete configuration.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--host", default="127.0.0.1", help="the default is 127.0.0.1"
        )
        parser.add_argument(
            "--port",
            type=int,
            default=8001,
            help="the default is 8001; 0 takes a free port",
        )
        parser.add_argument("--root", help="the folder for the files and the index")
        parser.add_argument("--private-key", help="the private key of the account")
        parser.add_argument("--public-key", help="the public key of the account")
        parser.add_argument(
            "--allow-remote",
            action="store_true",
            help="answer requests from other machines",
        )
        parser.add_argument(
            "--allow-production",
            action="store_true",
            help="start even if DEBUG is false",
        )

        parser.add_argument(
            "--trait",
            action="append",
            choices=sorted(TRAITS),
            default=[],
            help="a way in which the account differs; may be given several times",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        _refuse_unsafe(options)
        try:
            # URLs in answers need the port, which is known once the server listens.
            server = open_server(None, options["host"], options["port"])  # type: ignore
        except (OSError, SystemExit, OverflowError) as error:
            raise CommandError(f"Cannot listen on port {options['port']}.") from error
        config = _config(options, server.port)
        app = Emulator(config)
        server.app = app
        self._print_settings(config)
        # `shutdown` waits until `serve_forever` has ended, so it needs another thread.
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(
                name, lambda *_: threading.Thread(target=server.shutdown).start()
            )
        try:
            server.serve_forever()
        finally:
            app.close()

    def _print_settings(self, config: EmulatorConfig) -> None:
        base = config.url_endpoint.removesuffix(f"/{config.imagekit_id}")
        sign = "all" if "restrict_unsigned" in config.traits else "private"
        self.stdout.write(
            f"ImageKit emulator on {base}, files in {config.root}\n"
            f"IMAGEKIT_API_URL={base}\n"
            f"IMAGEKIT_URL_ENDPOINT={config.url_endpoint}\n"
            f"IMAGEKIT_SIGN={sign}\n"
            f"IMAGEKIT_PRIVATE_KEY={config.private_key}\n"
            f"IMAGEKIT_PUBLIC_KEY={config.public_key}"
        )
        self.stdout.flush()


def _refuse_unsafe(options: dict[str, Any]) -> None:
    if not settings.DEBUG and not options["allow_production"]:
        raise CommandError(
            "The emulator is for development, and DEBUG is false. "
            "Add --allow-production to start it anyway."
        )
    if not _is_loopback(options["host"]) and not options["allow_remote"]:
        raise CommandError(
            f"Other machines can reach {options['host']}. "
            "Add --allow-remote to listen there anyway."
        )


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _config(options: dict[str, Any], port: int) -> EmulatorConfig:
    """Read the configuration: options of the command, then settings, then defaults."""
    given = DEFAULTS | (getattr(settings, "IMAGEKIT_EMULATOR", None) or {})
    host = options["host"]
    url_host = f"[{host}]" if ":" in host else host
    return EmulatorConfig(
        root=Path(options["root"] or given["ROOT"]).resolve(),
        private_key=options["private_key"] or given["PRIVATE_KEY"],
        public_key=options["public_key"] or given["PUBLIC_KEY"],
        url_endpoint=f"http://{url_host}:{port}/demo",
        traits=frozenset([*options["trait"], *given.get("TRAITS", ())]),
    )
