"""`manage.py show_urls`: print the URLs of the pages."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.urls import reverse

_PAGES = {
    "Start page": "landing",
    "Swagger UI": "docs",
    "ReDoc": "redoc",
    "Browsable API": "api-root",
    "Admin": "admin:index",
}


class Command(BaseCommand):
    help = "Print the URLs of the pages."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("host", nargs="?", default="127.0.0.1")
        parser.add_argument("port", nargs="?", default="8000")

    def handle(self, *args: Any, **options: Any) -> None:
        pages = _PAGES | ({"Gallery": "gallery"} if settings.DEBUG else {})
        for label, route in pages.items():
            url = f"http://{options['host']}:{options['port']}{reverse(route)}"
            self.stdout.write(f"  {label:<14} {url}")
