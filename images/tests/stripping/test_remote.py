import io

import pytest
from PIL import Image as Pillow

from images.imagekit_client import get_clients
from images.models import storage_for
from images.stripping.remote import PRE_TRANSFORMATION
from images.tests.stripping.photographs import private


@pytest.mark.parametrize("name", ["baseline.jpg", "rgb.png", "lossy.webp"])
def test_pre_transformation__stores_no_metadata(name, photos, exiftool, deliver):
    storage = storage_for()
    client = get_clients(storage.client_options).imagekit

    answer = client.files.upload(
        file=(name, photos[name]),
        file_name=name,
        transformation={"pre": PRE_TRANSFORMATION},
    )

    url = storage.url_endpoint + answer.file_path
    stored = deliver(f"{url}?tr=orig-true")[1]
    assert private(exiftool({name: stored})[name]) == set()
    with Pillow.open(io.BytesIO(stored)) as image:
        # Turned, for the orientation is gone.
        assert image.size == (43, 61)
        assert image.info["icc_profile"]
        assert image.format.lower() == name.partition(".")[2].replace("jpg", "jpeg")
