"""The behaviour that Django's own tests ask of FileSystemStorage and InMemoryStorage.

The cases are those of `tests/file_storage` in Django's repository, as far as they make
sense for a remote storage that files are only read from.
"""

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO, StringIO
from pathlib import Path
from tempfile import NamedTemporaryFile, SpooledTemporaryFile
from threading import Barrier

import pytest
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile, File
from django.http import FileResponse

from imagekit_emulator.faults import Fault
from images.imagekit.errors import StorageRejected, StorageUnavailable
from images.imagekit.names import StoredName

TEXT = "text é\nline"


def read(storage, name) -> bytes:
    with storage.open(name) as file:
        return file.read()


# --- Saving ---------------------------------------------------------------------


def test_save__without_a_name_takes_the_content_s(storage):
    name = storage.save(None, ContentFile(b"1", name="test.file"))
    assert StoredName.parse(name).path == "test.file"


def test_save__takes_a_path_object(storage):
    name = storage.save(Path("a") / "b.txt", ContentFile(b"1"))
    assert storage.exists(Path(name))
    assert storage.size(Path(name)) == 1
    assert storage.url(Path(name)) == storage.url(name)
    assert storage.listdir(Path("a")) == ([], ["b.txt"])
    assert read(storage, Path(name)) == b"1"
    storage.delete(Path(name))
    assert not storage.exists(name)


def test_save__keeps_the_case_of_names(storage):
    name = storage.save("CaSe_Sensitive", ContentFile(b"1"))
    assert StoredName.parse(name).path == "CaSe_Sensitive"


@pytest.mark.parametrize("kind", [ContentFile, StringIO, lambda t: File(StringIO(t))])
def test_save__encodes_texts(storage, kind):
    assert read(storage, storage.save("a.txt", kind(TEXT))) == TEXT.encode()


@pytest.mark.parametrize("kind", [SpooledTemporaryFile, NamedTemporaryFile])
def test_save__encodes_temporary_texts(storage, kind):
    with kind(mode="w+", encoding="utf-8", newline="") as file:
        file.write(TEXT)
        assert read(storage, storage.save("a.txt", File(file))) == TEXT.encode()


@pytest.mark.parametrize("size", [0, 1, 100_000])
def test_save__takes_bytes_of_any_length(storage, size):
    name = storage.save("a.bin", ContentFile(b"x" * size))
    assert storage.size(name) == size
    assert read(storage, name) == b"x" * size


def test_save__starts_at_the_beginning_and_leaves_the_file_open(storage):
    content = ContentFile(b"12345")
    content.seek(3)
    assert read(storage, storage.save("a.bin", content)) == b"12345"
    assert not content.closed
    assert content.seek(0) == 0


def test_save__of_something_that_can_be_read_only(storage):
    class Download:
        """An answer of urllib: it has `read`, and neither name nor size."""

        closed = False

        def __init__(self) -> None:
            self._body = BytesIO(b"downloaded")

        def read(self, size: int = -1) -> bytes:
            return self._body.read(size)

        def __iter__(self):
            return iter(self._body)

    name = storage.save("a.bin", File(Download()))
    assert read(storage, name) == b"downloaded"


def test_save__passes_errors_of_the_content_on(storage):
    class Broken(File):
        def chunks(self, chunk_size=None):
            raise OSError("unreadable")

    with pytest.raises(OSError, match="unreadable"):
        storage.save("a.txt", Broken(StringIO("x"), name="a.txt"))
    assert storage.listdir("") == ([], [])


def test_save__of_one_name_at_the_same_time(storage):
    together = Barrier(6)

    class Waiting(ContentFile):
        """All uploads begin after all names were found free."""

        def seekable(self) -> bool:
            if not together.broken and together.n_waiting < 6 and not self.waited:
                self.waited = True
                together.wait(20)
            return True

        waited = False

    def save(number: int) -> str:
        return storage.save("conflict.txt", Waiting(b"%d" % number))

    with ThreadPoolExecutor(6) as pool:
        names = list(pool.map(save, range(6)))
    assert [read(storage, name) for name in names] == [b"%d" % n for n in range(6)]
    assert len(storage.listdir("")[1]) == 6


def test_save__that_is_refused_for_another_reason_is_not_tried_again(storage, emulator):
    emulator.faults.add(Fault("upload", "status", status=400, every=1))
    with pytest.raises(StorageRejected):
        storage.save("a.txt", ContentFile(b"1"))
    assert emulator.requests.counts()["upload"] == 1


@pytest.mark.parametrize("name", ["/abs.txt", "../up.txt", "a/../../up.txt", ""])
def test_save__outside_the_location_or_without_a_name(storage, name):
    with pytest.raises(SuspiciousFileOperation):
        storage.save(name, ContentFile(b"1"))


# --- Names ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("dotted.path/test", "dotted_path/test_", ""),
        ("dotted.path/.test", "dotted_path/.test_", ""),
        ("a.txt", "a_", ".txt"),
        ("a.tar.gz", "a_", ".tar.gz"),
    ],
)
def test_available_name__changes_the_name_before_its_extensions(
    storage, name, start, end
):
    storage.save(name, ContentFile(b"1"))
    other = storage.get_available_name(name)
    assert other.startswith(start)
    assert other.endswith(end)
    assert not storage.exists(other)


def test_generate_filename(storage):
    assert storage.generate_filename("ab/ü c.txt") == "ab/__c.txt"
    with pytest.raises(SuspiciousFileOperation):
        storage.generate_filename("../a.txt")


def test_available_name__that_cannot_be_short_enough(storage):
    with pytest.raises(SuspiciousFileOperation):
        storage.get_available_name("a" * 50 + ".txt", max_length=42)


def test_path__is_not_supported(storage):
    with pytest.raises(NotImplementedError):
        storage.path("a.txt")


# --- Reading --------------------------------------------------------------------


def test_open__can_be_closed_and_opened_again(storage, emulator):
    name = storage.save("a.txt", ContentFile(b"12345"))
    file = storage.open(name)
    assert file.read(2) == b"12"
    assert file.open().read() == b"12345"
    assert file.size == 5
    file.close()
    assert file.closed
    for _ in range(2):
        with file.open("rb") as again:
            assert again.read() == b"12345"
    assert (file.name, file.mode) == (name, "rb")
    assert emulator.requests.counts()["delivery"] == 3


@pytest.mark.parametrize("mode", ["r", "rt"])
def test_open__as_text(storage, mode):
    name = storage.save("a.txt", ContentFile(TEXT))
    with storage.open(name, mode) as file:
        assert file.read() == TEXT


@pytest.mark.parametrize("mode", ["wb", "w", "ab", "r+b"])
def test_open__for_writing_is_refused_before_a_download(storage, emulator, mode):
    name = storage.save("a.txt", ContentFile(b"1"))
    emulator.requests.clear()
    with pytest.raises(ValueError, match="mode"):
        storage.open(name, mode)
    file = storage.open(name)
    file.close()
    with pytest.raises(ValueError, match="mode"):
        file.open(mode)
    assert emulator.requests.counts() == {"delivery": 1}


def test_open__again_in_an_outage(storage, emulator):
    with storage.open(storage.save("a.txt", ContentFile(b"1"))) as file:
        pass
    emulator.faults.add(Fault("delivery", "status", status=500, every=1))
    with pytest.raises(StorageUnavailable):
        file.open()


def test_file_response__has_type_length_and_name(storage):
    name = storage.save("docs/a.pdf", ContentFile(b"%PDF"))
    with storage.open(name) as file:
        response = FileResponse(file)
        assert response["Content-Type"] == "application/pdf"
        assert response["Content-Length"] == "4"
        assert '.pdf"' in response["Content-Disposition"]
        assert response.getvalue() == b"%PDF"
