"""Import the users of kit-backend."""

import re
from collections.abc import Iterator
from enum import StrEnum

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.email_field import normalize_email, validate_account_email
from accounts.models import User
from images.management.kit_import.keys import imported_key, known_keys, note_imported
from images.management.kit_import.report import Problem, Report
from images.management.kit_import.source import KitBackend, KitUser

# The library raises for other hashes. A cost above 16 would keep a process busy.
# Of the last character of the salt, only two bits count.
_BCRYPT = re.compile(
    r"\$2[aby]\$(0[4-9]|1[0-6])\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{31}"
)


class SameEmail(StrEnum):
    """The treatment of users whose e-mails differ only in case.

    They are never merged: kit-backend did not verify e-mails, so the oldest account may
    not belong to the person who reads the mails.
    """

    FAIL = "fail"
    SKIP = "skip"
    KEEP_OLDEST = "keep-oldest"


def refuse_same_emails(
    backend: KitBackend, decision: SameEmail, report: Report
) -> set[str]:
    """List the users with the same e-mail; return the sources that are not imported."""
    refused: set[str] = set()
    for email, sources in backend.same_emails():
        kept = sources[:1] if decision is SameEmail.KEEP_OLDEST else []
        for source in sources:
            verdict = "kept" if source in kept else "not imported"
            report.add(Problem.SAME_EMAIL, source, f"{email}, {verdict}")
        refused.update(source for source in sources if source not in kept)
    return refused


def import_users(
    backend: KitBackend, refused: set[str], report: Report, *, apply: bool
) -> Iterator[int]:
    """Import all users but the `refused`, and add to these those that cannot be.

    Yields the number of users in each batch.
    """
    for batch in backend.users():
        known = known_keys(user.source for user in batch)
        new = [user for user in batch if user.source not in known]
        report.counts["users_before"] += len(known)
        wanted = [user for user in new if user.source not in refused]
        accounts = _without_taken(_valid(wanted, report), report)
        if apply:
            accounts = _add(accounts, report)
        refused |= {user.source for user in wanted} - accounts.keys()
        report.counts["users"] += len(accounts)
        yield len(batch)


def _valid(users: list[KitUser], report: Report) -> dict[str, User]:
    """Return the accounts of the users with a valid e-mail, by source."""
    accounts: dict[str, User] = {}
    for user in users:
        try:
            validate_account_email(user.email.strip())
        except ValidationError:
            report.add(Problem.EMAIL_INVALID, user.source, user.email)
        else:
            accounts[user.source] = _account(user, report)
    return accounts


def _account(user: KitUser, report: Report) -> User:
    if _BCRYPT.fullmatch(user.hashed_password):
        password = f"bcrypt${user.hashed_password}"
    else:
        report.add(Problem.NO_PASSWORD, user.source, user.email)
        password = make_password(None)
    return User(
        id=imported_key(user.source, user.created_at),
        email=normalize_email(user.email),
        password=password,
        date_joined=user.created_at,
    )


def _without_taken(accounts: dict[str, User], report: Report) -> dict[str, User]:
    """Leave out accounts whose e-mail another account here has."""
    emails = [account.email for account in accounts.values()]
    taken = set(User.objects.filter(email__in=emails).values_list("email", flat=True))
    free: dict[str, User] = {}
    for source, account in accounts.items():
        if account.email in taken:
            report.add(Problem.EMAIL_TAKEN, source, account.email)
        else:
            # The database compares lower case only: domains have several forms too.
            taken.add(account.email)
            free[source] = account
    return free


def _add(accounts: dict[str, User], report: Report) -> dict[str, User]:
    """Add the accounts; return those whose e-mail was not taken meanwhile."""
    keys = [account.pk for account in accounts.values()]
    with transaction.atomic():
        User.objects.bulk_create(accounts.values(), ignore_conflicts=True)
        there = set(User.objects.filter(pk__in=keys).values_list("pk", flat=True))
        added = {s: account for s, account in accounts.items() if account.pk in there}
        note_imported({source: account.pk for source, account in added.items()})
    for source in accounts.keys() - added.keys():
        report.add(Problem.EMAIL_TAKEN, source, accounts[source].email)
    return added
