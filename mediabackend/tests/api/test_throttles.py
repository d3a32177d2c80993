"""Limits of requests, endpoint by endpoint."""

import pytest
from django.test import RequestFactory
from django.urls import reverse
from drf_spectacular.generators import SchemaGenerator

from accounts.models import User
from conftest import PASSWORD
from imagekit_emulator.transport import get_app
from images.tests.changes import create_image
from images.tests.pictures import make_image
from mediabackend.api import throttles
from mediabackend.tests.api.conftest import assert_throttled, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def upload(client):
    return client.post("/api/v1/images/", {"file": make_image()}, format="multipart")


def test_signup__is_limited_by_ip(anonymous, limit):
    limit("signup", 2)
    for number in range(2):
        body = {"email": f"u{number}@example.com", "password": "plum-orbit-42"}
        assert anonymous.post("/api/v1/auth/signup/", body).status_code == 201
    assert_throttled(anonymous.post("/api/v1/auth/signup/", {}))
    elsewhere = anonymous.post("/api/v1/auth/signup/", {}, REMOTE_ADDR="203.0.113.9")
    assert elsewhere.status_code == 400


@pytest.mark.parametrize("route", ["token", "token-refresh", "login"])
def test_login__is_limited_over_all_its_endpoints(anonymous, limit, route):
    limit("login", 1)
    assert sign_in(anonymous).status_code == 401
    form = {"content_type": "application/x-www-form-urlencoded"}
    extra = form if route == "login" else {}
    assert_throttled(anonymous.post(reverse(route), "" if extra else {}, **extra))


@pytest.mark.parametrize("url", ["/admin/login/", "/api-auth/login/"])
def test_login__is_limited_on_pages(client, limit, url):
    limit("login", 1)
    form = {"username": "a@example.com", "password": "x"}
    assert client.post(url, form).status_code == 200
    response = client.post(url, form)
    assert response.status_code == 429
    assert int(response["Retry-After"]) >= 1
    assert client.get(url).status_code == 200


def test_upload__is_limited_by_user(api, client_of, stranger, limit):
    limit("upload", 1)
    image = upload(api)
    assert image.status_code == 201
    assert_throttled(upload(api))
    url = f"/api/v1/images/{image.json()['id']}/"
    file = {"file": make_image()}
    assert_throttled(api.patch(url, file, format="multipart"))
    assert_throttled(api.put(url, file, format="multipart"))
    assert upload(client_of(stranger)).status_code == 201
    # What brings no file goes on.
    assert api.patch(url, {"caption": "Sea"}).status_code == 200
    assert api.get(url).status_code == 200


def test_upload__counts_each_move_of_a_file(api, user, limit):
    """Each is a download, an upload and a deletion at ImageKit."""
    image = create_image(owner=user, file=make_image(), visibility="unlisted")
    url = f"/api/v1/images/{image.pk}/"
    limit("upload", 2)
    emulator = get_app()
    for visibility in ("private", "public"):
        assert api.patch(url, {"visibility": visibility}).status_code == 200
    emulator.requests.clear()
    assert_throttled(api.patch(url, {"visibility": "private"}))
    assert not emulator.requests.counts()
    # Nothing moves: the same storage, and the same visibility.
    assert api.patch(url, {"visibility": "unlisted"}).status_code == 200
    assert api.patch(url, {"visibility": "unlisted"}).status_code == 200


def test_upload__counts_a_move_in_a_form_once(api, user, limit):
    image = create_image(owner=user, file=make_image(), visibility="unlisted")
    url = f"/api/v1/images/{image.pk}/"
    limit("upload", 2)
    for visibility, status in (("private", 200), ("public", 200), ("private", 429)):
        form = {"visibility": visibility}
        assert api.patch(url, form, format="multipart").status_code == status


def test_write__is_limited_by_user(api, client_of, stranger, limit):
    image = create_image(owner=stranger, file=make_image())
    limit("write", 2)
    assert api.patch("/api/v1/users/me/", {"display_name": "A"}).status_code == 200
    body = {"ids": [str(image.pk)]}
    assert api.post("/api/v1/images/bulk-delete/", body).status_code == 200
    for send in (
        lambda: api.patch("/api/v1/users/me/", {"display_name": "B"}),
        lambda: api.post("/api/v1/images/bulk-delete/", body),
        lambda: api.delete(f"/api/v1/images/{image.pk}/"),
        lambda: api.patch(f"/api/v1/images/{image.pk}/", {"caption": "x"}),
        lambda: api.post(f"/api/v1/images/{image.pk}/report/", {"reason": "spam"}),
        lambda: api.post("/api/v1/uploads/", {}),
        lambda: api.delete("/api/v1/users/me/sessions/x/"),
    ):
        assert_throttled(send())
    assert upload(api).status_code == 201
    assert api.get("/api/v1/users/me/").status_code == 200
    other = client_of(stranger).patch("/api/v1/users/me/", {"display_name": "C"})
    assert other.status_code == 200


def test_export__is_limited_by_user(api, client_of, stranger, limit):
    limit("export", 1)
    url = "/api/v1/users/me/export/"
    assert api.get(url).status_code == 200
    assert_throttled(api.get(url))
    assert client_of(stranger).get(url).status_code == 200


@pytest.mark.parametrize(
    ("method", "url", "name"),
    [
        ("delete", "/api/v1/users/me/", "password"),
        ("post", "/api/v1/auth/password/change/", "current_password"),
        ("post", "/api/v1/auth/email/change/", "password"),
    ],
)
def test_attack__a_stolen_token_does_not_guess_the_password(
    api, user, limit, method, url, name
):
    limit("reset", 3)
    body = {name: "wrong", "new_password": "x1-y2-z3-w4", "new_email": "n@example.com"}
    for _ in range(3):
        assert getattr(api, method)(url, body).status_code == 400
    assert_throttled(getattr(api, method)(url, {**body, name: PASSWORD}))
    assert User.objects.filter(pk=user.pk).exists()


@pytest.mark.parametrize("name", ["ReportThrottle"])
def test_scope__that_has_no_view_yet_counts(user, limit, name):
    throttle = getattr(throttles, name)()
    limit(throttle.scope, 1)
    request = RequestFactory().post("/")
    request.user = user
    assert throttle.allow_request(request, None)
    assert not throttle.allow_request(request, None)
    assert throttle.wait() >= 1


def test_reads__are_limited_without_an_account_only(anonymous, api, limit):
    limit("anon", 1)
    assert anonymous.get("/api/v1/").status_code == 200
    assert_throttled(anonymous.get("/api/v1/"))
    assert api.get("/api/v1/").status_code == 200


def test_reads__with_an_account_cost_no_further_query(
    api, limit, django_assert_num_queries
):
    limit("anon", 1)
    with django_assert_num_queries(1):
        assert api.get("/api/v1/users/me/").status_code == 200


def test_openapi__documents_429_where_it_can_happen():
    document = SchemaGenerator().get_schema(request=None, public=True)
    found = {
        f"{method} {path.removeprefix('/api/v1')}"
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if "429" in operation["responses"]
    }
    assert found == {
        "delete /images/{id}/",
        "delete /users/me/",
        "delete /users/me/sessions/{id}/",
        "patch /users/me/",
        "post /auth/logout/",
        "post /auth/logout/all/",
        "post /images/bulk-delete/",
        "get /users/me/export/",
        "post /auth/password/change/",
        "post /auth/password/reset/",
        "post /auth/password/reset/confirm/",
        "post /auth/email/verify/",
        "post /auth/email/resend/",
        "post /auth/email/change/",
        "post /auth/email/change/confirm/",
        "get /auth/signup/",
        "post /auth/signup/",
        "post /auth/token/",
        "post /auth/token/refresh/",
        "post /auth/login/",
        "post /images/",
        "post /uploads/",
        "post /images/{id}/report/",
        "post /uploads/{id}/complete/",
        "get /feed/",
        "get /users/{id}/images/",
        "get /images/{id}/",
        "put /images/{id}/",
        "patch /images/{id}/",
    }
