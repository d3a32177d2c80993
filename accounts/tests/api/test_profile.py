import pytest
from django.contrib.auth import get_user_model

from accounts.tokens.kinds import AccessToken

pytestmark = pytest.mark.django_db
URL = "/api/v1/users/me/"


def test_me__gives_the_profile_in_one_query(api, user, django_assert_num_queries):
    with django_assert_num_queries(1):
        response = api.get(URL)
    assert response.status_code == 200
    assert response.json()["email"] == "ann@example.com"
    assert response.json()["image_count"] == 0


def test_patch__changes_the_display_name_only(api, user):
    response = api.patch(
        URL, {"display_name": "Änn ☃", "email": "x@example.com", "image_count": 5}
    )
    assert response.status_code == 200
    user.refresh_from_db()
    assert (user.display_name, user.email, user.item_count) == (
        "Änn ☃",
        "ann@example.com",
        0,
    )


def test_patch__of_nothing_changes_nothing(api):
    response = api.patch(URL, {})
    assert response.status_code == 200
    assert response.json()["display_name"] == "Ann"


def test_patch__does_not_undo_a_count_that_moved_meanwhile(api, user, monkeypatch):
    """The row that authentication read is old by the time it is written."""
    from accounts.api.profile import MeView

    read = MeView.get_object

    def read_then_upload(view):
        found = read(view)
        get_user_model().objects.filter(pk=user.pk).update(item_count=3)
        return found

    monkeypatch.setattr(MeView, "get_object", read_then_upload)
    assert api.patch(URL, {"display_name": "New"}).status_code == 200
    user.refresh_from_db()
    assert (user.display_name, user.item_count) == ("New", 3)


@pytest.mark.parametrize("method", ["put", "post"])
def test_me__other_methods_are_405(api, method):
    assert getattr(api, method)(URL).status_code == 405


def test_me__without_a_token_is_401(anonymous):
    response = anonymous.get(URL)
    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_me__with_a_token_of_an_inactive_user_is_401(api, user):
    user.is_active = False
    user.save()
    assert api.get(URL).status_code == 401


def test_me__with_a_token_of_a_deleted_user_is_401(api, user):
    user.delete()
    assert api.get(URL).status_code == 401


def test_me__with_an_expired_token_is_401(anonymous, user):
    token = AccessToken.for_user(user)
    token["ver"] = user.token_version
    token.set_exp(lifetime=-token.lifetime)
    anonymous.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    assert anonymous.get(URL).status_code == 401


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer x", "Bearer a b", "Bearer a.b.c", "Basic x", "\xff"]
)
def test_me__with_a_garbled_header_is_401(anonymous, header):
    anonymous.credentials(HTTP_AUTHORIZATION=header)
    response = anonymous.get(URL)
    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer")
    (error,) = response.json()["errors"]
    assert error["attr"] is None
