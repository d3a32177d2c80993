"""`manage.py check_imagekit`: test the configured ImageKit account."""

import time
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from images.imagekit.errors import StorageError
from images.management.account_checks import (
    deletion,
    delivery,
    lists,
    uploads,
    webhooks,
)
from images.management.account_checks.account import Account, Notice, Problem

Check = Callable[[Account], str]

# By the name that is printed. Each returns a text, or raises Problem, Notice or
# StorageError.
OTHERS: dict[str, Check] = {
    "original": uploads.check_original,
    "private file": uploads.check_private_file,
    "unsigned URLs": delivery.check_unsigned_urls,
    "public URL": delivery.check_public_url,
    "transformations": delivery.check_transformations,
    "expiring URLs": delivery.check_expiring_urls,
    "named transformation": delivery.check_named_transformation,
    "frames": delivery.check_frames,
    "upload limit": uploads.check_upload_limit,
    "upload checks": uploads.check_upload_checks,
    "direct upload": uploads.check_direct_upload,
    "animation": uploads.check_animation,
    "look-up": lists.check_look_up,
    "search by id": lists.check_search_by_id,
    "search below folder": lists.check_search_below_folder,
    "search groups": lists.check_search_groups,
    "order of names": lists.check_order,
    "delete": deletion.check_delete,
    "bulk delete": deletion.check_bulk_delete,
    "purge": deletion.check_purge,
    "webhook": webhooks.check_webhook,
}


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
            # The others need it.
            if self._run(account, "upload", uploads.check_upload):
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
