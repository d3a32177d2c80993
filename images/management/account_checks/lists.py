"""Checks of lists and searches."""

from images.imagekit.errors import StorageRejected
from images.imagekit.names import StoredName
from images.management.account_checks.account import Account, Notice, Problem

_NAMES = ("b.bin", "A.bin", "_.bin", "1.bin", "a-.bin")


def check_look_up(account: Account) -> str:
    """Check that a new file is found by its path."""
    path = StoredName.parse(account.public_file).path
    waited = account.wait_until(lambda: account.public.exists(path))
    if waited is None:
        raise Problem(
            "Lists do not show a file that was stored: remains of broken uploads "
            "would never be deleted. Ask ImageKit's support."
        )
    if waited > 1:
        raise Notice(
            f"Lists show a new file only after {waited:.0f} seconds. Do not use "
            "`reconcile_files --older-than` with less than an hour."
        )
    return "a new file is found by its path"


def check_search_by_id(account: Account) -> str:
    """Check that `id IN` finds the files with these ids."""
    file_id = str(StoredName.parse(account.public_file).file_id)
    _expect(account, f'id IN ["{file_id}", "{"0" * 24}"]', {file_id})
    return "files are found by their ids"


def check_search_below_folder(account: Account) -> str:
    """Check that `path :` finds files in a folder and in the folders below it."""
    path = f"{account.folder}/inner/1.bin"
    inner = StoredName.parse(account.store(b"1", path=path)).file_id
    query = f'path : "{account.remote_folder}/"'
    expected = {str(inner), str(StoredName.parse(account.public_file).file_id)}
    _expect(account, query, expected, others=True)
    return "files are found below a folder"


def check_search_groups(account: Account) -> str:
    """Check that AND, OR and parentheses work."""
    name = StoredName.parse(account.public_file)
    last = name.path.rpartition("/")[2]
    folder = f'path = "{account.remote_folder}"'
    query = f'(name = "{last}" OR name = "no-such") AND {folder} AND type = "file"'
    _expect(account, query, {str(name.file_id)})
    return "searches combine conditions"


def check_order(account: Account) -> str:
    """Report the order of names; it must be the same each time."""
    folder = f"{account.folder}/order"
    for name in _NAMES:
        account.store(b"1", path=f"{folder}/{name}")
    query = f'path = "{account.remote_folder}/order"'

    def names() -> list[str]:
        return [str(item.name) for item in account.files.search(query, limit=10)]

    account.wait_until(lambda: len(names()) == len(_NAMES))
    first = names()
    if sorted(first) != sorted(_NAMES) or names() != first:
        raise Problem(
            "A list that is sorted by name is incomplete, or not in the same order "
            "each time: `reconcile_files` would report files that are not lost."
        )
    if first == sorted(_NAMES):
        return "names are sorted by their bytes"
    if first == sorted(_NAMES, key=str.lower):
        return "names are sorted without regard to case"
    return f"names are sorted in an order of its own: {', '.join(first)}"


def _expect(
    account: Account, query: str, expected: set[str], *, others: bool = False
) -> None:
    """Raise Problem if a search does not find these files, and `others` if allowed."""
    last: set[str] = set()

    def is_found() -> bool:
        nonlocal last
        found = account.files.search(query, limit=100)
        # Folders have no such id.
        last = {str(getattr(item, "file_id", "")) for item in found}
        return expected <= last if others else last == expected

    try:
        waited = account.wait_until(is_found)
    except StorageRejected as error:
        raise Problem(
            f"ImageKit refuses the search {query}, which `reconcile_files` needs. "
            f"Ask ImageKit's support. {error}"
        ) from error
    if waited is None:
        raise Problem(
            f"The search {query} finds {len(last)} files instead of {len(expected)}: "
            "do not run `reconcile_files` with this account."
        )
