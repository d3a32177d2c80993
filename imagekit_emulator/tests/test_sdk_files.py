"""Files through the official Python client, whose models check every answer."""

import io

import imagekitio
import pytest

from imagekit_emulator.tests.pictures import make_image

UNKNOWN = "0" * 24


def put(sdk, name="a.jpg", **fields):
    fields = {"use_unique_file_name": False} | fields
    picture = (name, io.BytesIO(make_image(64, 48)), "image/jpeg")
    return sdk.files.upload(file=picture, file_name=name, **fields)


def test_upload__answers_what_was_stored(any_sdk):
    answer = put(any_sdk, folder="/media/7", tags=["a", "b"])

    assert answer.file_path == "/media/7/a.jpg"
    assert (answer.width, answer.height) == (64, 48)
    assert answer.size == len(make_image(64, 48))
    assert answer.file_type == "image"
    assert answer.version_info.id == answer.file_id
    assert answer.version_info.name == "Version 1"
    assert "tags" not in answer.model_fields_set


def test_upload__with_response_fields(any_sdk):
    names = ["tags", "customMetadata", "isPrivateFile", "metadata", "isPublished"]
    answer = put(
        any_sdk,
        tags=["a"],
        custom_metadata={"k": "é"},
        response_fields=[*names, "customCoordinates", "embeddedMetadata"],
        custom_coordinates="1,2,3,4",
    )

    assert answer.tags == ["a"]
    assert answer.custom_metadata == {"k": "é"}
    assert answer.is_private_file is False
    assert answer.custom_coordinates == "1,2,3,4"
    assert answer.metadata.width == 64


def test_upload__unsized_file_is_sent_in_chunks(any_sdk):
    class Pipe(io.RawIOBase):
        def __init__(self, content):
            self.source = io.BytesIO(content)

        def readable(self):
            return True

        def readinto(self, buffer):
            return self.source.readinto(buffer)

        def seekable(self):
            return False

        def fileno(self):
            raise OSError

    content = make_image(300, 300)
    answer = any_sdk.files.upload(
        file=("p.jpg", Pipe(content), "image/jpeg"), file_name="p.jpg"
    )

    assert answer.size == len(content)


def test_details__of_a_stored_file(any_sdk):
    stored = put(any_sdk, description="words", is_private_file=True)

    details = any_sdk.files.get(stored.file_id)

    assert details.type == "file"
    assert details.mime == "image/jpeg"
    assert details.is_private_file is True
    assert details.description == "words"
    assert details.url.startswith(f"{stored.url}?updatedAt=")
    assert details.created_at == details.updated_at


def test_details__unknown_id(any_sdk):
    with pytest.raises(imagekitio.NotFoundError) as caught:
        any_sdk.files.get(UNKNOWN)

    assert set(caught.value.body) == {"message", "help"}
    assert caught.value.response.headers["x-ik-requestid"]
    assert caught.value.response.headers["x-ratelimit-limit"]


def test_delete__removes_all_versions(any_sdk, app):
    stored = put(any_sdk)
    put(any_sdk)

    any_sdk.files.delete(stored.file_id)

    with pytest.raises(imagekitio.NotFoundError):
        any_sdk.files.get(stored.file_id)
    assert not list((app.config.root / "blobs").glob("*/*"))


def test_delete__unknown_id(any_sdk):
    with pytest.raises(imagekitio.NotFoundError):
        any_sdk.files.delete(UNKNOWN)


def test_bulk_delete__all_known(any_sdk):
    ids = [put(any_sdk, f"{n}.jpg").file_id for n in range(3)]

    answer = any_sdk.files.bulk.delete(file_ids=ids)

    assert answer.successfully_deleted_file_ids == ids
    assert any_sdk.assets.list() == []


def test_bulk_delete__one_unknown_deletes_nothing(any_sdk):
    stored = put(any_sdk)

    with pytest.raises(imagekitio.NotFoundError) as caught:
        any_sdk.files.bulk.delete(file_ids=[stored.file_id, UNKNOWN])

    assert caught.value.body["missingFileIds"] == [UNKNOWN]
    assert any_sdk.files.get(stored.file_id).name == "a.jpg"


@pytest.mark.parametrize("ids", [[], [UNKNOWN] * 101, [""]])
def test_bulk_delete__bad_list(sdk, ids):
    with pytest.raises(imagekitio.BadRequestError):
        sdk.files.bulk.delete(file_ids=ids)


def test_bulk_delete__partial_answer_on_demand(sdk, app):
    from imagekit_emulator.faults import Fault

    body = {
        "successfullyDeletedFileIds": ["a"],
        "errors": [{"fileId": "b", "error": "no"}],
    }
    app.faults.add(Fault("bulk_delete", "status", status=207, body=body))

    answer = sdk.files.bulk.delete(file_ids=["a", "b"])

    assert answer.successfully_deleted_file_ids == ["a"]
    assert answer.model_extra["errors"][0]["fileId"] == "b"


def test_update__sets_and_unsets(any_sdk):
    stored = put(any_sdk, tags=["a"], custom_metadata={"k": 1, "n": 2})

    changed = any_sdk.files.update(
        stored.file_id, tags=["x", "y"], custom_metadata={"k": None}, description="d"
    )
    assert changed.tags == ["x", "y"]
    assert changed.custom_metadata == {"n": 2}
    assert changed.description == "d"

    changed = any_sdk.files.update(
        stored.file_id, tags=None, custom_coordinates=None, description=""
    )
    assert changed.tags is None
    assert changed.description == ""


def test_update__unpublished_file_is_not_delivered(sdk, upload, fetch):
    stored = upload()

    sdk.files.update(stored.file_id, publish={"is_published": False})

    assert fetch("/a.jpg").status_code == 404


def test_metadata__by_id_and_by_url(any_sdk):
    stored = put(any_sdk)

    assert any_sdk.files.metadata.get(stored.file_id).width == 64
    assert any_sdk.files.metadata.get_from_url(url=stored.url).format == "jpg"


def test_usage__counts_stored_bytes(any_sdk):
    stored = put(any_sdk)

    answer = any_sdk.accounts.usage.get(start_date="2026-01-01", end_date="2026-01-31")

    assert answer.media_library_storage_bytes == stored.size


def test_tags__added_and_removed_in_bulk(any_sdk):
    stored = put(any_sdk, tags=["a"])

    any_sdk.files.bulk.add_tags(file_ids=[stored.file_id], tags=["b"])
    answer = any_sdk.files.bulk.remove_tags(file_ids=[stored.file_id], tags=["a"])

    assert answer.successfully_updated_file_ids == [stored.file_id]
    assert any_sdk.files.get(stored.file_id).tags == ["b"]
    any_sdk.files.bulk.remove_ai_tags(file_ids=[stored.file_id], ai_tags=["a"])


def test_auth__wrong_key(any_sdk):
    stranger = any_sdk.with_options(private_key="private_y")

    with pytest.raises(imagekitio.AuthenticationError):
        stranger.assets.list()
    with pytest.raises(imagekitio.AuthenticationError):
        put(stranger)


def test_auth__password_plays_no_part(app, http):
    answer = http.get("/v1/files", auth=("private_x", "do_not_set"))

    assert answer.status_code == 200
