"""`manage.py check_imagekit`: test the configured ImageKit account."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from images.imagekit.errors import StorageError
from images.management.account_checks.account import Account, Notice, Problem
from images.management.account_checks.catalogue import FIRST, OTHERS, Check


class Command(BaseCommand):
    help = (
        "Test whether the configured ImageKit account does all that this server "
        "needs: upload, delivery, lists, deletion, purges, tickets. It uploads small "
        "files and one of UPLOAD_MAX_BYTES, orders one purge of the CDN, and deletes "
        "the files again. Exits with 1 if a check fails."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        account = Account()
        self._failures = 0
        try:
            if self._run(account, *FIRST):
                for name, check in OTHERS.items():
                    self._run(account, name, check)
        finally:
            if left := account.clean_up():
                self._failures += 1
                self.stderr.write(f"Could not delete {left}.")
        if self._failures:
            raise CommandError(
                f"This server cannot work with the account: {self._failures} failed."
            )
        self.stdout.write(self.style.SUCCESS("ImageKit works."))

    def _run(self, account: Account, name: str, check: Check) -> bool:
        """Make one check and print its result; returns whether it passed."""
        start = time.perf_counter()
        result, style = "ok", self.style.SUCCESS
        try:
            text = check(account)
        except Notice as notice:
            result, style, text = "warning", self.style.WARNING, str(notice)
        except (Problem, StorageError) as error:
            result, style, text = "FAILED", self.style.ERROR, str(error)
            self._failures += 1
        milliseconds = (time.perf_counter() - start) * 1000
        self.stdout.write(
            f"{style(f'{result:<7}')} {name:<20} {milliseconds:8.1f} ms  {text}"
        )
        return result != "FAILED"
