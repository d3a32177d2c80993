"""Uploads that are too large, and the memory that a large one takes."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from e2e.api_client import open_client
from e2e.memory import watch
from e2e.pictures import MIB, WARM, noisy_jpeg, quarters
from e2e.raw_http import send_endlessly, socket_buffers
from images.tests.media.formats.large_heifs import large_heif

pytestmark = [pytest.mark.e2e, pytest.mark.any_database]

LIMIT = 20_000_000
# The form may take a megabyte besides the file.
BODY_LIMIT = LIMIT + 1 * MIB
FILE_HEAD = (
    b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n'
    b"Content-Type: image/jpeg\r\n\r\n"
)


def warm_up(member) -> None:
    """Let every worker import the code of uploads, and reach its usual size."""
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: member.upload(quarters(WARM, (64, 64))), range(24)))


def headers_of(member, **more: str) -> dict[str, str]:
    return {
        "Authorization": member.http.headers["Authorization"],
        "Content-Type": "multipart/form-data; boundary=edge",
        **more,
    }


def test_upload__of_ten_gigabytes_is_cut_off(server, member, record_property):
    warm_up(member)
    headers = headers_of(member, **{"Content-Length": str(10 * 1024 * MIB)})
    with watch(server) as growth:
        answer = send_endlessly(
            f"{server.url}/api/v1/images/", headers, FILE_HEAD + quarters()
        )
    record_property("sent_bytes", answer.sent)
    print(f"taken {answer.sent / MIB:.1f} MiB of 10 GiB, {growth}")  # noqa: T201
    assert answer.status == 413, answer.text
    assert '"file_too_large"' in answer.text
    assert answer.sent < BODY_LIMIT + 2 * MIB + socket_buffers()
    assert growth.memory < 8 * MIB
    assert growth.disk < 1 * MIB
    assert member.upload(quarters(WARM, (64, 64)))


def test_upload__of_unknown_length_is_refused(server, member):
    headers = headers_of(member, **{"Transfer-Encoding": "chunked"})
    first_chunk = b"%x\r\n%b\r\n" % (len(FILE_HEAD), FILE_HEAD)
    answer = send_endlessly(f"{server.url}/api/v1/images/", headers, first_chunk)
    assert answer.status == 411, answer.text
    assert '"length_required"' in answer.text


@pytest.mark.parametrize("extra", [1, MIB // 2, MIB], ids=["byte", "half", "megabyte"])
def test_upload__a_little_over_the_limit_gets_a_clean_answer(server, member, extra):
    answer = member.post(quarters().ljust(LIMIT + extra, b"\0"))
    assert answer.status_code == 413
    assert answer.json()["errors"][0]["code"] == "file_too_large"
    token = member.http.headers["Authorization"]
    with open_client(server.url, Authorization=token) as http:
        assert http.get("/api/v1/users/me/").json()["image_count"] == 0


def test_connection__after_a_refused_upload_is_closed_or_still_good(server, member):
    content = (
        FILE_HEAD + quarters().ljust(LIMIT + MIB // 2, b"\0") + b"\r\n--edge--\r\n"
    )
    # Unlike httpx, it never reconnects on its own.
    connection = HTTPConnection(urlsplit(server.url).netloc, timeout=30)
    with closing(connection):
        connection.request("POST", "/api/v1/images/", content, headers_of(member))
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 413
        if not answer.will_close:
            connection.request("GET", "/healthz")
            assert connection.getresponse().status == 200


def test_upload__without_token_is_refused_before_it_is_read(server):
    file = {"file": ("a.jpg", quarters().ljust(10 * MIB, b"\0"), "image/jpeg")}
    with open_client(server.url) as http:
        answer = http.post("/api/v1/images/", files=file)
        assert answer.status_code == 401


def test_upload__of_twenty_megabytes_keeps_memory_flat(
    gunicorn, make_member, record_property
):
    member = make_member(gunicorn)
    warm_up(member)
    content = noisy_jpeg(LIMIT)
    with watch(gunicorn) as growth:
        image = member.upload(content, caption="as large as it may be")
    record_property("memory_growth_bytes", growth.memory)
    print(f"20 MB upload: memory +{growth.memory / MIB:.2f} MiB")  # noqa: T201
    assert image["size"] == LIMIT
    assert growth.memory < 8 * MIB


def test_upload__of_a_heic_of_twenty_megabytes_keeps_memory_flat(
    gunicorn, make_member, record_property
):
    member = make_member(gunicorn)
    warm_up(member)
    content, _ = large_heif("photo", LIMIT - MIB // 16)
    with watch(gunicorn) as growth:
        image = member.upload(content)
    record_property("memory_growth_bytes", growth.memory)
    print(f"20 MB HEIC: memory +{growth.memory / MIB:.2f} MiB")  # noqa: T201
    assert (image["format"], image["size"]) == ("heic", len(content))
    assert growth.memory < 8 * MIB
