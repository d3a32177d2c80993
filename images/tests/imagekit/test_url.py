import pytest
from imagekitio import ImageKit

from images.imagekit.delivery_urls import build_url, sign_url

ENDPOINT = "https://ik.imagekit.io/demo"
KEY = "private_x"


@pytest.fixture
def real(make_storage):
    """Make a storage as for the real service; nothing is sent."""

    def make(**options):
        return make_storage(url_endpoint=ENDPOINT, private_key=KEY, **options)

    return make


def test_url__is_built_without_network_and_without_the_id(real, emulator):
    storage = real(location="/media")
    url = storage.url("u/a~id.jpg", "w-320,f-auto")
    assert url == f"{ENDPOINT}/media/u/a.jpg?tr=w-320,f-auto"
    assert storage.url("u/a.jpg") == f"{ENDPOINT}/media/u/a.jpg"
    assert emulator.requests.counts() == {}


@pytest.mark.parametrize(
    ("url", "expires_at", "signed"),
    [
        ("/a.jpg", None, "?ik-s=e5430908823f5a906d9a8dc36816650dfcf5bbe8"),
        (
            "/a.jpg",
            1795337978,
            "?ik-t=1795337978&ik-s=120d59f63105ca71f9371090b2d5eb0707b600aa",
        ),
        (
            "/a.jpg?v=1&tr=w-400",
            None,
            "&ik-s=26ab7983d08237e7f7dd7950e46396f88b28968f",
        ),
        (
            "/tr:w-400:rt-91/a.jpg",
            None,
            "?ik-s=f02b1e9153dc8c934a7306e5cbfb55f78ce9c4d7",
        ),
    ],
)
def test_sign__gives_the_known_vectors(url, expires_at, signed):
    url = ENDPOINT + url
    assert sign_url(url, ENDPOINT, KEY, expires_at) == url + signed


@pytest.mark.parametrize("path", ["a.jpg", "u/é ü.jpg", "a b/c&d+e.jpg"])
@pytest.mark.parametrize("signed", [False, True])
def test_build__gives_what_the_sdk_s_helper_gives(path, signed):
    helper = ImageKit(private_key=KEY, password="").helper
    theirs = helper.build_url(
        src=path,
        url_endpoint=ENDPOINT,
        transformation=[{"width": 320, "height": 200}],
        transformation_position="query",
        signed=signed,
    )
    ours = build_url(ENDPOINT, path, "w-320,h-200")
    assert (sign_url(ours, ENDPOINT, KEY) if signed else ours) == theirs


def test_url__of_a_private_storage_lasts_and_stays_the_same(real):
    storage = real(private=True, url_ttl=3600)
    early, late = storage.url("a.jpg", now=7201), storage.url("a.jpg", now=10799)
    assert early == late
    assert "ik-t=14400" in early
    for now in (7201, 10800, 10799.5):
        expiry = int(storage.url("a.jpg", now=now).split("ik-t=")[1].split("&")[0])
        assert 3600 <= expiry - now <= 7200


def test_url__of_a_private_file_needs_its_signature(make_storage, content, deliver):
    storage = make_storage(private=True)
    name = storage.save("a.jpg", content)
    good = storage.url(name, "w-10")
    assert deliver(good)[0] == 200
    assert deliver(good.replace("w-10", "w-11"))[0] == 401
    assert deliver(storage.url(name, "w-10", now=1))[0] == 401
    assert deliver(good.partition("?")[0])[0] == 401


def test_url__of_a_public_file_can_be_signed_and_stays_the_same(real):
    storage = real(signed=True)
    early, late = (storage.url("a.jpg", "w-9", now=now) for now in (1, 10**10))
    assert early == late == sign_url(f"{ENDPOINT}/a.jpg?tr=w-9", ENDPOINT, KEY)
    assert "ik-t=" not in early
    # A private file's URL expires in any case.
    assert "ik-t=" in real(signed=True, private=True).url("a.jpg")


@pytest.fixture
def restricted(settings) -> None:
    """Let the account refuse all URLs without a signature."""
    settings.IMAGEKIT_EMULATOR = {
        **settings.IMAGEKIT_EMULATOR,
        "TRAITS": ("restrict_unsigned",),
    }


@pytest.mark.parametrize("private", [False, True])
def test_url__of_an_account_that_restricts_unsigned_urls(
    make_storage, content, deliver, restricted, private
):
    storage = make_storage(signed=True, private=private)
    name = storage.save("a.jpg", content)
    for transformation in ("", "w-10", "n-ik_ml_thumbnail"):
        signed = storage.url(name, transformation)
        assert deliver(signed)[0] == 200
        unsigned = signed.partition("ik-")[0].rstrip("?&")
        assert deliver(unsigned)[0] == 401, unsigned
    with storage.open(name) as file:
        assert file.read() == content.file.getvalue()


def test_url__of_a_private_file_in_a_named_transformation_needs_no_signature(
    make_storage, content, deliver
):
    """ImageKit documents it, and docs/security.md does not promise otherwise."""
    storage = make_storage(private=True)
    plain = storage.url(storage.save("a.jpg", content)).partition("?")[0]
    assert deliver(plain)[0] == 401
    assert deliver(f"{plain}?tr=n-ik_ml_thumbnail")[0] == 200
