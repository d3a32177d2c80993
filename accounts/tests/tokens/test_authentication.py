import pytest
from django.utils import timezone

from accounts.models import Session, User
from accounts.tokens.kinds import AccessToken

pytestmark = pytest.mark.django_db
ME = "/api/v1/users/me/"
VERIFY = "/api/v1/auth/token/verify/"


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_scheme__is_read_without_regard_to_case(anonymous, tokens, scheme):
    headers = {"Authorization": f"{scheme} {tokens['access']}"}
    assert anonymous.get(ME, headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda: User.objects.get().delete(), "user_not_found"),
        (lambda: User.objects.update(is_active=False), "user_inactive"),
        (lambda: User.objects.update(password="!"), "token_revoked"),
        (lambda: Session.objects.update(revoked_at=timezone.now()), "session_ended"),
        (lambda: Session.objects.all().delete(), "session_ended"),
    ],
)
def test_refusal__has_a_code(anonymous, tokens, change, code):
    change()
    headers = {"Authorization": f"Bearer {tokens['access']}"}
    for answer in (
        anonymous.get(ME, headers=headers),
        anonymous.post(VERIFY, {"token": tokens["access"]}),
    ):
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"].startswith("Bearer")
        assert [error["code"] for error in answer.json()["errors"]] == [code]


def test_session__of_another_user_is_none(anonymous, sign_in, user, stranger):
    theirs = AccessToken(sign_in(stranger)["access"])
    theirs["user_id"] = str(user.pk)
    headers = {"Authorization": f"Bearer {theirs}"}
    (error,) = anonymous.get(ME, headers=headers).json()["errors"]
    assert error["code"] == "session_ended"


@pytest.mark.parametrize(
    "claims", [{"sid": "x"}, {"sid": ""}, {"user_id": "x"}, {"user_id": "\x00"}]
)
def test_claims__that_name_nothing_are_401(anonymous, tokens, claims):
    token = AccessToken(tokens["access"])
    token.payload.update(claims)
    headers = {"Authorization": f"Bearer {token}"}
    assert anonymous.get(ME, headers=headers).status_code == 401


def test_claims__are_all_needed(anonymous, tokens):
    for name in ("sid", "user_id", "ver"):
        token = AccessToken(tokens["access"])
        del token.payload[name]
        headers = {"Authorization": f"Bearer {token}"}
        assert anonymous.get(ME, headers=headers).status_code == 401
