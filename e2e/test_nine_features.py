"""The nine features over real HTTP, on gunicorn and on the development server."""

import pytest

from e2e.api_client import PASSWORD, Member, fetch, new_email, open_client
from e2e.pictures import COLD, WARM, is_close, quarters, read_quarters
from scripts.waiting import wait_for

pytestmark = pytest.mark.e2e


def assert_shows(url: str, colours, size: tuple[int, int]) -> None:
    """Check the size and the colours of the picture at this URL."""
    answer = fetch(url)
    assert answer.status_code == 200, f"{url}: {answer.text[:300]}"
    assert answer.headers["Content-Type"].startswith("image/")
    seen_size, seen = read_quarters(answer.content)
    assert seen_size == size
    assert is_close(seen, colours), seen


def wait_until_gone(url: str) -> None:
    """Wait for the deletion of a file, which a worker may do."""
    wait_for(lambda: fetch(url).status_code == 404)


def test_sign_up__gives_profile_and_tokens(server):
    email = new_email("Sue")
    body = {"email": email, "password": PASSWORD, "display_name": "Sue"}
    with open_client(server.url) as http:
        answer = http.post("/api/v1/auth/signup/", json=body)
        again = http.post("/api/v1/auth/signup/", json=body)
    assert answer.status_code == 201
    user = answer.json()["user"]
    assert user["email"] == email.lower()
    assert (user["display_name"], user["image_count"]) == ("Sue", 0)
    assert set(answer.json()) == {"user", "access", "refresh"}
    assert again.status_code == 400
    assert again.json()["errors"][0]["code"] == "unique"


def test_token__with_password_then_refresh(server, member):
    with open_client(server.url) as http:
        pair = http.post(
            "/api/v1/auth/token/", json={"email": member.email, "password": PASSWORD}
        )
        assert pair.status_code == 200
        wrong = http.post(
            "/api/v1/auth/token/", json={"email": member.email, "password": "wrong"}
        )
        assert wrong.status_code == 401
        assert wrong.headers["WWW-Authenticate"].startswith("Bearer")
        refresh = {"refresh": pair.json()["refresh"]}
        new = http.post("/api/v1/auth/token/refresh/", json=refresh)
        assert new.status_code == 200
        # Another tab of the browser, which renews the same token at the same time.
        again = http.post("/api/v1/auth/token/refresh/", json=refresh)
        assert again.json()["refresh"] == new.json()["refresh"]
        verified = http.post(
            "/api/v1/auth/token/verify/", json={"token": new.json()["access"]}
        )
        assert verified.status_code == 200


def test_login__with_oauth2_form(server, member):
    form = {"grant_type": "password", "username": member.email, "password": PASSWORD}
    with open_client(server.url) as http:
        answer = http.post("/api/v1/auth/login/", data=form)
        refused = http.post("/api/v1/auth/login/", data=form | {"password": "wrong"})
        assert answer.status_code == 200
        token = answer.json()
        assert token["token_type"].lower() == "bearer"
        assert token["expires_in"] > 0
        bearer = {"Authorization": f"Bearer {token['access_token']}"}
        me = http.get("/api/v1/users/me/", headers=bearer)
    assert me.json()["email"] == member.email
    assert refused.status_code == 400
    assert refused.json()["error"] == "invalid_grant"


def test_upload__with_caption_delivers_the_pixels(member):
    content = quarters(WARM, (1600, 1200))
    answer = member.post(content, caption="Four colours")
    assert answer.status_code == 201, answer.text
    image = answer.json()
    assert answer.headers["Location"].endswith(f"/api/v1/images/{image['id']}/")
    assert image["caption"] == "Four colours"
    assert (image["width"], image["height"]) == (1600, 1200)
    assert (image["format"], image["size"]) == ("jpeg", len(content))
    assert_shows(image["url"], WARM, (1600, 1200))
    shown = member.http.get(answer.headers["Location"]).json()
    # Only the answer to the upload has these two fields filled.
    assert shown | {"removed_metadata": [], "duplicate_of": None} == image


def test_renditions__have_their_sizes(member):
    renditions = member.upload(quarters(WARM, (1600, 1200)))["renditions"]
    sizes = {"thumbnail": (320, 320), "small": (320, 240)}
    sizes |= {"medium": (640, 480), "large": (1280, 960)}
    for name, size in sizes.items():
        assert_shows(renditions[name], WARM, size)
    sources = [part.split() for part in renditions["srcset"].split(", ")]
    assert [width for _, width in sources] == ["320w", "640w", "960w", "1280w", "1600w"]
    for url, descriptor in sources:
        width = int(descriptor.removesuffix("w"))
        assert_shows(url, WARM, (width, width * 3 // 4))


@pytest.mark.parametrize("format", ["PNG", "WEBP", "GIF"])
def test_upload__in_other_formats(member, format):
    image = member.upload(quarters(WARM, (320, 240), format))
    assert image["format"] == format.lower()
    assert_shows(image["url"], WARM, (320, 240))


def test_change__of_the_caption_keeps_the_file(member):
    image = member.upload(caption="before")
    path = f"/api/v1/images/{image['id']}/"
    answer = member.http.patch(path, json={"caption": "after"})
    assert answer.status_code == 200
    assert answer.json()["caption"] == "after"
    assert answer.json()["url"] == image["url"]
    assert member.http.get(path).json()["caption"] == "after"


def test_replace__of_the_file_serves_the_new_pixels(member):
    image = member.upload(quarters(WARM, (800, 600)), caption="kept")
    file = {"file": ("new.png", quarters(COLD, (400, 500), "PNG"), "image/png")}
    answer = member.http.patch(f"/api/v1/images/{image['id']}/", files=file)
    assert answer.status_code == 200, answer.text
    replaced = answer.json()
    assert (replaced["id"], replaced["caption"]) == (image["id"], "kept")
    assert (replaced["width"], replaced["height"]) == (400, 500)
    assert replaced["url"] != image["url"]
    wait_until_gone(image["url"])
    assert_shows(replaced["url"], COLD, (400, 500))
    assert member.count() == 1


def test_list__pages_through_own_images(member):
    small = quarters(WARM, (64, 64))
    ids = [member.upload(small, caption=f"number {n}")["id"] for n in range(5)]
    newest_first = ids[::-1]
    pages, url = [], "/api/v1/images/?page_size=2"
    while url:
        page = member.http.get(url).json()
        pages.append(page)
        url = page["next"]
    assert [page["count"] for page in pages] == [5, 5, 5]
    seen = [[image["id"] for image in page["results"]] for page in pages]
    assert seen == [newest_first[:2], newest_first[2:4], newest_first[4:]]
    back = member.http.get(pages[2]["previous"]).json()
    assert [image["id"] for image in back["results"]] == seen[1]
    first = member.http.get(back["previous"]).json()
    assert [image["id"] for image in first["results"]] == seen[0]
    assert first["previous"] is None
    found = member.http.get("/api/v1/images/", params={"search": "number 3"}).json()
    assert [image["id"] for image in found["results"]] == [ids[3]]


def test_profile__counts_the_images(member):
    member.upload(quarters(WARM, (64, 64)))
    member.upload(quarters(WARM, (64, 64)))
    profile = member.http.get("/api/v1/users/me/").json()
    assert (profile["email"], profile["image_count"]) == (member.email, 2)
    renamed = member.http.patch("/api/v1/users/me/", json={"display_name": "Anna"})
    assert renamed.json()["display_name"] == "Anna"
    assert renamed.json()["image_count"] == 2


def test_delete__removes_row_and_file(member):
    image = member.upload(quarters(WARM, (300, 200)))
    path = f"/api/v1/images/{image['id']}/"
    assert fetch(image["url"]).status_code == 200
    answer = member.http.delete(path)
    assert (answer.status_code, answer.content) == (204, b"")
    assert member.http.get(path).status_code == 404
    assert member.http.delete(path).status_code == 404
    for url in (image["url"], image["renditions"]["small"]):
        wait_until_gone(url)
    assert member.count() == 0


def test_foreign_user__finds_nothing_to_change(server, member, make_member):
    image = member.upload(quarters(WARM, (64, 64)), visibility="private")
    path = f"/api/v1/images/{image['id']}/"
    stranger: Member = make_member(server, "bob")
    answers = [
        stranger.http.get(path),
        stranger.http.patch(path, json={"caption": "mine"}),
        stranger.http.put(path, files={"file": ("a.jpg", quarters(), "image/jpeg")}),
        stranger.http.delete(path),
    ]
    assert [answer.status_code for answer in answers] == [404] * 4
    assert stranger.http.get("/api/v1/images/").json()["count"] == 0
    assert fetch(image["url"]).status_code == 200


def test_private_image__needs_its_signature(member):
    image = member.upload(quarters(WARM, (640, 480)), visibility="private")
    assert_shows(image["url"], WARM, (640, 480))
    assert_shows(image["renditions"]["small"], WARM, (320, 240))
    bare = image["url"].split("?")[0]
    assert fetch(bare).status_code == 401
    assert fetch(f"{bare}?tr=w-100").status_code == 401
    path = f"/api/v1/images/{image['id']}/"
    opened = member.http.patch(path, json={"visibility": "unlisted"}).json()
    assert_shows(opened["url"].split("?")[0], WARM, (640, 480))
    wait_until_gone(image["url"])


def test_upload__without_token_is_refused(server):
    with open_client(server.url) as http:
        file = {"file": ("a.jpg", quarters(WARM, (64, 64)), "image/jpeg")}
        answer = http.post("/api/v1/images/", files=file)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "path", ["/healthz", "/readyz", "/", "/docs", "/redoc", "/api/schema/", "/api/v1/"]
)
def test_page__answers(server, path):
    with open_client(server.url) as http:
        answer = http.get(path, headers={"X-Request-ID": "trace-42"})
    assert answer.status_code == 200
    assert answer.headers["X-Request-ID"] == "trace-42"
