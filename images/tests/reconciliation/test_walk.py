"""Read a list page by page while it changes."""

import re

import pytest

from imagekit_emulator.faults import Fault
from images.imagekit.aliases import imagekit_storage
from images.imagekit.errors import StorageError
from images.imagekit.files import ImageKitFiles
from images.tests.reconciliation.library import Placed, add_files, drop_files, new_file

pytestmark = [
    pytest.mark.django_db,
    # The list is ImageKit's.
    pytest.mark.any_database,
    pytest.mark.usefixtures("small_pages"),
]


@pytest.fixture
def files(emulator) -> list[Placed]:
    """Return 23 files: five pages of five that overlap by one, and a bit."""
    made = sorted((new_file("u") for _ in range(23)), key=lambda file: file.path)
    add_files(emulator, made)
    return made


def walked() -> list[str]:
    return [file.path for file in imagekit_storage().walk()]


def paths(files: list[Placed]) -> list[str]:
    return [file.path for file in files]


def test_walk__yields_all_in_order(files):
    assert walked() == paths(files)


def test_walk__says_what_is_known(files):
    file = next(imagekit_storage().walk())
    assert (file.path, file.file_id, file.size) == tuple(files[0])


def test_walk__of_a_folder_that_is_not_there(emulator):
    assert walked() == []


@pytest.mark.parametrize("count", range(1, 13))
def test_walk__of_any_length(emulator, count):
    made = sorted((new_file("u") for _ in range(count)), key=lambda file: file.path)
    add_files(emulator, made)
    assert walked() == paths(made)


@pytest.mark.parametrize("gone", [1, 2, 4, 8, 11], ids=lambda n: f"{n} gone")
def test_walk__while_files_vanish_before_the_page(files, emulator, before_call, gone):
    """The files after them move to before the beginning of the next page."""
    lost = [file.file_id for file in files[:gone]]
    before_call(3, lambda: drop_files(emulator, lost))
    seen = walked()
    assert seen == paths(files), "what has vanished had been read before"


@pytest.mark.parametrize("page", range(6))
def test_walk__while_nearly_all_vanishes(files, emulator, before_call, page):
    before_call(page, lambda: drop_files(emulator, [f.file_id for f in files[:20]]))
    seen = walked()
    assert seen[-3:] == paths(files[20:])
    assert seen == sorted(set(seen))


def test_walk__while_everything_vanishes(files, emulator, before_call):
    before_call(2, lambda: drop_files(emulator, [f.file_id for f in files]))
    assert walked() == paths(files[:9])


@pytest.mark.parametrize("page", range(1, 5))
def test_walk__while_files_arrive(files, emulator, before_call, page):
    early = [Placed(f"u/{n:08}-early.jpg", f"{n:024x}") for n in range(7)]
    late = Placed("u/zz-late.jpg", "f" * 24)
    before_call(page, lambda: add_files(emulator, [*early, late]))
    seen = walked()
    assert seen == sorted(set(seen))
    # Files that arrive before the current page may be missed.
    assert [one for one in seen if "early" not in one] == [*paths(files), late.path]


def test_walk__of_one_name_in_many_folders(emulator):
    made = [Placed(f"{n:02}/same.jpg", f"{n:024x}") for n in range(13)]
    add_files(emulator, made)
    assert sorted(walked()) == paths(made)


def sort_as(monkeypatch, key) -> None:
    """Make ImageKit sort names in another way."""
    search = ImageKitFiles.search

    def sorted_search(self, query, *, limit, skip):
        everything = search(self, query, limit=1000, skip=0)
        return sorted(everything, key=key)[skip : skip + limit]

    monkeypatch.setattr(ImageKitFiles, "search", sorted_search)


ORDERS = {
    "case-insensitive": lambda file: (file.name.lower(), file.name),
    "letters before digits": lambda file: file.name.translate(_SWAPPED),
    "without punctuation": lambda file: file.name.replace("-", "").replace("_", ""),
    "backwards": lambda file: file.name[::-1],
    "by id": lambda file: file.file_id,
}
_SWAPPED = str.maketrans("0123456789abcdef", "abcdefghij012345")


@pytest.mark.parametrize("key", ORDERS.values(), ids=ORDERS)
def test_walk__yields_names_in_order_whatever_the_service_s_order(
    files, emulator, monkeypatch, key
):
    more = [Placed(f"u/{name}.jpg", f"{n:024x}") for n, name in enumerate("aBcD_-~")]
    add_files(emulator, more)
    sort_as(monkeypatch, key)
    assert walked() == sorted(
        paths([*files, *more]), key=lambda path: path.rpartition("/")[2]
    )


@pytest.mark.parametrize("key", ORDERS.values(), ids=ORDERS)
@pytest.mark.parametrize("gone", [4, 8, 15], ids=lambda n: f"{n} gone")
def test_walk__in_another_order_while_files_vanish(
    files, emulator, monkeypatch, before_call, key, gone
):
    sort_as(monkeypatch, key)
    lost = sorted(files, key=lambda file: key(Listed(file)))[:gone]
    before_call(3, lambda: drop_files(emulator, [file.file_id for file in lost]))
    seen = walked()
    assert set(paths(files)) - set(paths(lost)) <= set(seen)
    assert len(seen) == len(set(seen))


class Listed:
    def __init__(self, file: Placed) -> None:
        self.name, self.file_id = file.path.rpartition("/")[2], file.file_id


def test_walk__in_an_order_that_is_only_right_within_pages(files, monkeypatch):
    search = ImageKitFiles.search

    def halves_swapped(self, query, *, limit, skip):
        skip += 12 if skip < 12 else -12
        return search(self, query, limit=limit, skip=skip)

    monkeypatch.setattr(ImageKitFiles, "search", halves_swapped)
    monkeypatch.setattr("images.imagekit.listing._OVERLAP", 0)
    with pytest.raises(StorageError, match="no end"):
        walked()


def test_walk__of_a_service_that_ignores_skip(files, monkeypatch):
    search = ImageKitFiles.search
    monkeypatch.setattr(
        ImageKitFiles,
        "search",
        lambda self, query, limit, skip: search(self, query, limit=limit),
    )
    with pytest.raises(StorageError, match="no end"):
        walked()


def test_walk__asks_for_the_folder_with_a_slash(files, emulator):
    walked()
    asked = emulator.requests.latest()[0]["path"]
    assert re.search(r"path\+%3A\+%22%2Fmedia%2F%22", asked)


def test_walk__in_an_outage(files, emulator, before_call):
    broken = Fault("list", "status", status=502, every=1)
    before_call(3, lambda: emulator.faults.add(broken))
    with pytest.raises(StorageError):
        walked()


def test_existing__asks_for_a_hundred_at_a_time(emulator, monkeypatch):
    monkeypatch.setattr("images.imagekit.listing._PAGE", 1000)
    made = [new_file("u") for _ in range(230)]
    add_files(emulator, made)
    wanted = [file.file_id for file in made]
    found = imagekit_storage().existing([*wanted, "0" * 24])
    assert found == set(wanted)
    assert emulator.requests.counts() == {"list": 3}
    assert imagekit_storage().existing([]) == set()
