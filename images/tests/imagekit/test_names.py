"""The grammar of stored names, in Python and in SQL."""

import mimetypes
from pathlib import PurePosixPath

import pytest
from django.core.validators import FileExtensionValidator

from images.imagekit.names import (
    StoredName,
    clean_folder,
    clean_path,
    file_id_of,
    path_of,
)
from images.models import Image

ID = "5931f6f1e4b0a5b2c3d4e5f6"
NAMES = {
    f"u/a~{ID}.jpg": ("u/a.jpg", ID),
    f"u/a.tar~{ID}.gz": ("u/a.tar.gz", ID),
    f"a.b/../README~{ID}": None,
    f"u/README~{ID}": ("u/README", ID),
    f"u/a.~{ID}.jpg": ("u/a..jpg", ID),
    f"u/a~{ID}.": ("u/a.", ID),
    f"u/.hidden~{ID}": ("u/.hidden", ID),
    "u/a.jpg": ("u/a.jpg", None),
    "u/README": ("u/README", None),
}
GOOD = {name: parts for name, parts in NAMES.items() if parts}


@pytest.mark.parametrize(("name", "parts"), GOOD.items())
def test_stored_name__is_parsed_and_built(name, parts):
    assert StoredName.parse(name) == parts
    assert StoredName.parse(PurePosixPath(name)) == parts
    assert str(StoredName(*parts)) == name


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "parts"), GOOD.items())
def test_stored_name__is_taken_apart_in_sql(stored_image, name, parts):
    Image.objects.filter(pk=stored_image().pk).update(file=name)
    images = Image.objects.annotate(i=file_id_of("file"), p=path_of("file"))
    path, file_id = images.values_list("p", "i").get()
    assert path == parts[0]
    if parts[1]:
        assert file_id == parts[1]


def test_stored_name__keeps_its_extension(storage, content):
    name = storage.save("2026/a.jpg", content)
    assert mimetypes.guess_type(name) == ("image/jpeg", None)
    with storage.open(name) as file:
        FileExtensionValidator(["jpg"])(file)


@pytest.mark.parametrize(
    ("path", "clean"),
    [
        ("v1.2/a.b/c.d.jpg", "v1_2/a_b/c.d.jpg"),
        ("/./a//b~c.jpg", "a/b_c.jpg"),
        ("é/ü ~.jpg", "_/___.jpg"),
        ("a\\b.jpg", "a/b.jpg"),
        (".hidden", ".hidden"),
        ("", ""),
    ],
)
def test_clean_path__does_what_imagekit_does_to_names(path, clean):
    assert clean_path(path) == clean


def test_clean_folder__has_no_dots():
    assert clean_folder("/media.v2/é/") == "media_v2/_"


def test_save__in_a_folder_with_dots_gives_a_url_that_works(storage, content, deliver):
    name = storage.save("v1.2/a.jpg", content)
    assert deliver(storage.url(name))[0] == 200
    assert storage.listdir("v1.2")[1] == ["a.jpg"]


def test_location__with_dots_gives_urls_that_work(make_storage, content, deliver):
    storage = make_storage(location="/media.v2")
    assert deliver(storage.url(storage.save("a.jpg", content)))[0] == 200
