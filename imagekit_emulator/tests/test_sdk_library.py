"""Versions, folders, moves, purges and lists through the official client."""

import imagekitio
import pytest

from imagekit_emulator.tests.pictures import make_image


def test_versions__listed_from_new_to_old(any_sdk, upload):
    first = upload(content=make_image(10, 10))
    second = upload(content=make_image(20, 20))

    versions = any_sdk.files.versions.list(first.file_id)

    assert second.file_id == first.file_id
    assert [v.width for v in versions] == [20, 10]
    assert [v.type for v in versions] == ["file", "file-version"]
    assert f"ik-obj-version={first.version_info.id}" in versions[1].url


def test_versions__old_one_is_delivered(upload, fetch):
    first = upload(content=make_image(10, 10, "PNG"))
    upload(content=make_image(20, 20, "PNG"))

    old = fetch(f"/a.jpg?tr=orig-true&ik-obj-version={first.version_info.id}")

    assert old.content == make_image(10, 10, "PNG")
    assert fetch("/a.jpg?ik-obj-version=nothing").status_code == 404


def test_versions__restored(any_sdk, upload):
    first = upload(content=make_image(10, 10))
    upload(content=make_image(20, 20))

    restored = any_sdk.files.versions.restore(
        first.version_info.id, file_id=first.file_id
    )

    assert restored.width == 10
    assert any_sdk.files.get(first.file_id).width == 10


def test_versions__current_one_cannot_be_deleted(any_sdk, upload):
    first = upload()
    second = upload()

    with pytest.raises(imagekitio.BadRequestError):
        any_sdk.files.versions.delete(second.version_info.id, file_id=first.file_id)

    any_sdk.files.versions.delete(first.version_info.id, file_id=first.file_id)
    with pytest.raises(imagekitio.NotFoundError):
        any_sdk.files.versions.get(first.version_info.id, file_id=first.file_id)


def test_folders__created_and_deleted(any_sdk, upload):
    any_sdk.folders.create(folder_name="b", parent_folder_path="/a")
    upload("/a/b/c/x.jpg")

    folders = any_sdk.assets.list(type="folder", sort="ASC_NAME")
    assert [f.folder_path for f in folders] == ["/a", "/a/b", "/a/b/c"]

    any_sdk.folders.delete(folder_path="/a/b/")

    assert [a.folder_path for a in any_sdk.assets.list(type="all")] == ["/a"]
    with pytest.raises(imagekitio.NotFoundError) as caught:
        any_sdk.folders.delete(folder_path="/a/b/")
    assert caught.value.body["reason"] == "FOLDER_NOT_FOUND"


@pytest.mark.parametrize("name", ["..", ".", "./.."])
def test_folders__dots_are_refused(sdk, name):
    with pytest.raises(imagekitio.BadRequestError) as caught:
        sdk.folders.create(folder_name=name, parent_folder_path="/")

    assert caught.value.body["reason"] == "INVALID_FOLDER_PATH"


def test_folders__moved_copied_and_renamed(any_sdk, upload):
    upload("/a/x.jpg")
    upload("/a/sub/y.jpg")

    job = any_sdk.folders.copy(
        source_folder_path="/a", destination_path="/copies", include_versions=True
    )
    assert any_sdk.folders.job.get(job.job_id).status == "Completed"
    any_sdk.folders.move(source_folder_path="/a", destination_path="/moved")
    job = any_sdk.folders.rename(
        folder_path="/moved/a", new_folder_name="b", purge_cache=True
    )

    paths = {a.file_path for a in any_sdk.assets.list(type="file")}
    assert paths == {
        "/copies/a/x.jpg",
        "/copies/a/sub/y.jpg",
        "/moved/b/x.jpg",
        "/moved/b/sub/y.jpg",
    }
    assert any_sdk.folders.job.get(job.job_id).purge_request_id


def test_folders__root_cannot_move(sdk):
    with pytest.raises(imagekitio.BadRequestError) as caught:
        sdk.folders.move(source_folder_path="/", destination_path="/x")

    assert caught.value.body["reason"] == "SOURCE_IS_ROOT"


def test_copy__onto_an_existing_name_adds_a_version(any_sdk, upload, fetch):
    upload("/a.png", make_image(10, 10, "PNG"))
    target = upload("/b/a.png", make_image(20, 20, "PNG"))

    any_sdk.files.copy(source_file_path="/a.png", destination_path="/b/")

    assert [v.width for v in any_sdk.files.versions.list(target.file_id)] == [10, 20]
    assert fetch("/b/a.png?tr=orig-true").content == make_image(10, 10, "PNG")


def test_move__onto_an_existing_name_adds_versions(any_sdk, upload):
    upload("/a.jpg", make_image(10, 10))
    source = upload("/a.jpg", make_image(11, 11))
    target = upload("/b/a.jpg", make_image(20, 20))

    any_sdk.files.move(source_file_path="/a.jpg", destination_path="/b/")

    versions = any_sdk.files.versions.list(target.file_id)
    assert [v.width for v in versions] == [11, 10, 20]
    with pytest.raises(imagekitio.NotFoundError):
        any_sdk.files.get(source.file_id)


def test_move__missing_source(sdk):
    with pytest.raises(imagekitio.NotFoundError) as caught:
        sdk.files.move(source_file_path="/no.jpg", destination_path="/b/")

    assert caught.value.body["reason"] == "SOURCE_FILE_MISSING"


def test_rename__with_and_without_purge(any_sdk, upload, app):
    stored = upload("/a/x.jpg")

    plain = any_sdk.files.rename(file_path="/a/x.jpg", new_file_name="y.jpg")
    purged = any_sdk.files.rename(
        file_path="/a/y.jpg", new_file_name="z.jpg", purge_cache=True
    )

    assert plain.purge_request_id is None
    assert app.purges()[0]["requestId"] == purged.purge_request_id
    assert app.purges()[0]["url"] == "http://emulator/demo/a/y.jpg*"
    assert any_sdk.files.get(stored.file_id).name == "z.jpg"


def test_rename__name_is_taken(sdk, upload):
    upload("/x.jpg")
    upload("/y.jpg")

    with pytest.raises(imagekitio.ConflictError) as caught:
        sdk.files.rename(file_path="/x.jpg", new_file_name="y.jpg")

    assert caught.value.body["reason"] == "FILE_ALREADY_EXISTS"


def test_purge__pending_then_completed(any_sdk):
    request = any_sdk.cache.invalidation.create(url="http://emulator/demo/a.jpg*")

    first = any_sdk.cache.invalidation.get(request.request_id)
    second = any_sdk.cache.invalidation.get(request.request_id)

    assert (first.status, second.status) == ("Pending", "Completed")


def test_purge__unknown_id(sdk):
    with pytest.raises(imagekitio.BadRequestError):
        sdk.cache.invalidation.get("0" * 24)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("a.jpg", 201),
        ("a.jpg*", 201),
        ("a/b*", 201),
        ("fifteen_letters*", 201),
        ("short*", 400),
        ("a/*/b.jpg", 400),
        ("a*b.jpg*", 400),
        ("media/catalog/*", 400),
        ("s/files/*", 400),
    ],
)
def test_purge__wildcard_rules(api, path, status):
    url = f"http://emulator/demo/{path}"

    assert api.post("/v1/files/purge", json={"url": url}).status_code == status


@pytest.mark.parametrize("url", ["", "a.jpg", "ftp://x/a.jpg", 7, None, "http://[/a"])
def test_purge__not_a_url(api, url):
    assert api.post("/v1/files/purge", json={"url": url}).status_code == 400
