"""Checks of deletions and purges."""

import json
from typing import Any

from django.conf import settings

from images.imagekit.client import remote_call
from images.imagekit.errors import StorageRejected, StorageUnavailable
from images.imagekit.files import BULK_LIMIT
from images.imagekit.names import StoredName
from images.management.account_checks.account import Account, Problem

_UNKNOWN = [f"{number:024x}" for number in range(BULK_LIMIT - 2)]


def check_purge(account: Account) -> str:
    """Check that a purge is accepted; it counts against the month's purges."""
    if settings.IMAGEKIT_PURGE_ON == "never":
        return "not tried, as IMAGEKIT_PURGE_ON=never"
    try:
        order = account.public.purge(account.public_file)
        account.public.purge_completed(order)
    except (StorageRejected, StorageUnavailable) as error:
        raise Problem(
            "ImageKit refuses to purge its CDN, so pictures that were taken down stay "
            "in it. The purges of this month may be used up; see IMAGEKIT_PURGE_ON. "
            f"{error}"
        ) from error
    return "a purge is accepted"


def check_delete(account: Account) -> str:
    """Check that a deletion removes the file."""
    file_id = _store(account)
    account.files.delete(file_id)
    if account.wait_until(lambda: not account.is_stored(file_id)) is None:
        raise Problem(
            "ImageKit says that it has deleted a file, but still has it: deleted "
            "images would stay. Ask ImageKit's support."
        )
    return "a deleted file is gone"


def check_bulk_delete(account: Account) -> str:
    """Check that deletions of many files answer as documented."""
    pair = [_store(account), _store(account)]
    limit, unknown = BULK_LIMIT, _UNKNOWN
    status, body = _bulk_delete(account, [*pair, *unknown])
    if status == 400:
        # Then deletions are made in smaller batches.
        limit, unknown = BULK_LIMIT // 2, _UNKNOWN[: BULK_LIMIT // 2 - 2]
        status, body = _bulk_delete(account, [*pair, *unknown])
    if status != 404 or set(body.get("missingFileIds", ())) != set(unknown):
        raise _unexpected(f"{limit} ids, of which it knows two", status, body)
    if not all(map(account.is_stored, pair)):
        raise Problem(
            "ImageKit deletes files of a batch that it refuses. Ask ImageKit's support."
        )
    status, body = _bulk_delete(account, pair)
    if status != 200 or set(body.get("successfullyDeletedFileIds", ())) != set(pair):
        raise _unexpected("two ids that it knows", status, body)
    if account.wait_until(lambda: not any(map(account.is_stored, pair))) is None:
        raise Problem(
            "ImageKit says that it has deleted a batch of files, but still has some."
        )
    return f"up to {limit} files are deleted in one call"


def _store(account: Account) -> str:
    name = account.store(b"1", path=account.new_path(".bin"))
    return str(StoredName.parse(name).file_id)


def _bulk_delete(account: Account, file_ids: list[str]) -> tuple[int, dict[str, Any]]:
    """Return the status and the body of the answer, whatever they are."""
    from imagekitio import APIStatusError

    with remote_call(account.options, "bulk delete") as clients:
        bulk = clients.imagekit.files.bulk.with_raw_response
        try:
            response: Any = bulk.delete(file_ids=file_ids).http_response
        except APIStatusError as error:
            response = error.response
    try:
        body = json.loads(response.content)
    except ValueError:
        body = None
    return response.status_code, body if isinstance(body, dict) else {}


def _unexpected(request: str, status: int, body: dict[str, Any]) -> Problem:
    return Problem(
        f"ImageKit answers to a deletion of {request} with {status} and "
        f"{str(body)[:200]}, which is not documented: files may stay after a deletion. "
        "Tell the maintainers of this project."
    )
