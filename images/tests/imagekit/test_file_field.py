"""The storage behind a FileField."""

import pickle

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.test.utils import isolate_apps

from images.imagekit.names import StoredName
from images.models import Image


@pytest.fixture
def document(storage):
    """Return an object of a model with a FileField on the storage."""
    with isolate_apps("images"):

        class Document(models.Model):
            file = models.FileField(storage=storage, upload_to="up", max_length=100)

            class Meta:
                app_label = "images"

            def __str__(self) -> str:
                return str(self.file)

        yield Document()


def test_field__without_a_file(document):
    assert not document.file
    with pytest.raises(ValueError, match="no file"):
        document.file.size  # noqa: B018


def test_field__saves_opens_twice_and_deletes(document, storage):
    document.file.save("a.txt", ContentFile(b"content"), save=False)
    name = document.file.name
    assert document.file.size == 7
    assert document.file.url == storage.url(name)
    for _ in range(3):
        with document.file.open() as file:
            assert b"".join(file.chunks(2)) == b"content"
    fresh = type(document)(file=name)
    assert fresh.file.read() == b"content"
    fresh.file.close()
    for mode, content in (("rb", b"content"), ("r", "content")):
        with fresh.file.open(mode) as file:
            assert file.read() == content
    document.file.delete(save=False)
    assert not document.file
    assert not storage.exists(name)


def test_field__gives_each_file_a_name_of_its_own(document):
    names = []
    for content in (b"1", b"2"):
        document.file.save("same.txt", ContentFile(content), save=False)
        names.append(document.file.name)
    assert len({StoredName.parse(name).path for name in names}) == 2
    assert all(name.startswith("up/same") for name in names)


def test_field__takes_an_uploaded_file_and_keeps_to_its_length(document):
    document.file = SimpleUploadedFile("x" * 150 + ".txt", b"1")
    document.file.field.pre_save(document, add=True)
    assert len(document.file.name) <= 100
    assert document.file.name.endswith(".txt")


def test_field__can_be_pickled():
    """The models of a test cannot be found by pickle."""
    file = Image(file="u/a~1.jpg").file
    again = pickle.loads(pickle.dumps(file))  # noqa: S301
    assert (again.name, again.url) == (file.name, file.url)
