"""`manage.py reconcile_files`: find and repair differences to ImageKit."""

import json
import re
import sys
from argparse import ArgumentTypeError
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error as DatabaseError
from tqdm import tqdm

from images.imagekit.aliases import imagekit_storage
from images.imagekit.errors import StorageError
from images.imagekit.names import clean_folder
from images.models import Image
from images.reconciliation.repairs import FindingKind
from images.reconciliation.run import Reconciliation

_SHOWN = 20
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_REPAIR = {
    FindingKind.ORPHANS: "orphans scheduled for deletion: {}",
    FindingKind.MISSING: "images marked as missing: {}",
    FindingKind.FOUND_AGAIN: "marks removed: {}",
    FindingKind.COUNTS: "counts corrected: {}",
}


class Command(BaseCommand):
    help = (
        "Compare the files at ImageKit with the database, in both directions, and "
        "report the differences; with --fix, repair them. Exits with 0 if there are "
        "none or all were repaired, with 1 if some are left, and with 2, without any "
        "change, if not everything could be read."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--fix", action="store_true", help="Repair differences.")
        parser.add_argument(
            "--older-than",
            type=_age,
            default="24h",
            metavar="AGE",
            help="Check only files and images unchanged for this time: a number and "
            "s, m, h or d. The default is 24h.",
        )
        parser.add_argument(
            "--max-share",
            type=_share,
            default="5%",
            metavar="SHARE",
            help="Delete at most this share of the files as orphans, and mark at most "
            "this share of the images as missing; ten of each are always allowed. The "
            "default is 5%%.",
        )
        parser.add_argument(
            "--force", action="store_true", help="Repair more than the share limit."
        )
        parser.add_argument(
            "--prefix",
            type=_prefix,
            help="Check only this folder below the configured one, for example the id "
            "of a user.",
        )
        parser.add_argument(
            "--json", action="store_true", help="Print one JSON object only."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        location = imagekit_storage().location
        if not location:
            raise CommandError(
                "IMAGEKIT_FOLDER is empty: other files in the account would look like "
                "orphans. Nothing was changed.",
                returncode=2,
            )
        prefix = options["prefix"] or ""
        folder = f"/{location}/{prefix}".rstrip("/") + "/"
        # Shown on a terminal only; its total is an estimate.
        bar = tqdm(unit=" files", file=sys.stderr, disable=None, leave=False)
        names = ("fix", "force", "older_than", "max_share")
        wanted = {name: options[name] for name in names}
        run = Reconciliation(**wanted, prefix=prefix, progress=bar.update)
        try:
            if not bar.disable:
                bar.total = Image.objects.count()
            run.run()
        except (StorageError, SuspiciousOperation, DatabaseError) as error:
            raise CommandError(
                f"Could not finish: {error}\n"
                "Nothing was changed: no answer does not mean no file.",
                returncode=2,
            ) from error
        finally:
            bar.close()
        code = 0 if run.clean else 1
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(run, folder, code)))
        else:
            self._print(run, folder)
        if code:
            sys.exit(code)

    def _print(self, run: Reconciliation, folder: str) -> None:
        write = self.stdout.write
        write(
            f"{run.remote_files} files in {folder} and {run.rows} images "
            f"compared; {run.marked_missing} images were already marked as missing."
        )
        for kind, finding in run.findings.items():
            write(f"{kind:<12} {finding.count:>7}  {kind.label}")
            for example in finding.examples[:_SHOWN]:
                write("    " + "  ".join(f"{k}={v}" for k, v in example.items()))
            if finding.count > _SHOWN:
                write(f"    ... and {finding.count - _SHOWN} more")
            if finding.refused:
                write(f"    too many to repair: {finding.refused}")
        if run.unchecked:
            write(f"{run.unchecked} more images were not looked up.")
        write(_last_line(run))


def _last_line(run: Reconciliation) -> str:
    said = []
    for kind, text in _REPAIR.items():
        finding = run.findings[kind]
        number = finding.fixed if run.fix else finding.count
        if number and not finding.refused:
            said.append(text.format(number))
    what = ", ".join(said) or "nothing"
    return f"Repaired: {what}." if run.fix else f"Dry run. To repair: {what}."


def _as_json(run: Reconciliation, folder: str, code: int) -> dict[str, Any]:
    return {
        "exit_code": code,
        "dry_run": not run.fix,
        "folder": folder,
        "older_than_seconds": run.older_than.total_seconds(),
        "max_share": run.max_share,
        "forced": run.force,
        "remote_files": run.remote_files,
        "rows": run.rows,
        "marked_missing_before": run.marked_missing,
        "rows_not_looked_up": run.unchecked,
        "findings": {kind.value: asdict(one) for kind, one in run.findings.items()},
        "seconds": run.seconds,
    }


def _age(text: str) -> timedelta:
    match = re.fullmatch(r"(\d{1,6}(?:\.\d+)?)([smhd])", text)
    if not match:
        raise ArgumentTypeError(f"{text!r} is not an age such as 90s, 30m, 24h or 7d")
    return timedelta(**{_UNITS[match[2]]: float(match[1])})


def _share(text: str) -> float:
    match = re.fullmatch(r"(\d{1,3}(?:\.\d+)?)%", text)
    if not match or float(match[1]) > 100:
        raise ArgumentTypeError(f"{text!r} is not a share such as 5%")
    return float(match[1]) / 100


def _prefix(text: str) -> str:
    trimmed = text.strip("/")
    try:
        clean = clean_folder(trimmed)
    except SuspiciousOperation as error:
        raise ArgumentTypeError(str(error)) from error
    if not trimmed or clean != trimmed:
        raise ArgumentTypeError(f"{text!r} is not a folder below the configured one")
    return trimmed
