"""Authentication of API requests by access token."""

from typing import Any
from uuid import UUID

from django.db import router
from django.db.models import Exists, OuterRef
from rest_framework.exceptions import AuthenticationFailed
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import InvalidToken
from rest_framework_simplejwt.tokens import Token

from accounts.models import Session, User
from accounts.tokens.kinds import SESSION_CLAIM, VERSION_CLAIM
from mediabackend.db.compiled import CompiledQuery

_FIELDS = [field.attname for field in User._meta.concrete_fields]
# The user, and whether the sign-in has not ended.
_user_and_session = CompiledQuery(
    User,
    lambda user, session: User.objects.filter(pk=user).values_list(
        *_FIELDS,
        Exists(
            Session.objects.filter(pk=session, user=OuterRef("pk"), revoked_at=None)
        ),
    ),
)


def authenticate_token(token: Token) -> User:
    """Return the user of a verified access token.

    Raises AuthenticationFailed for a user or a sign-in that the token no longer
    stands for. The user and the sign-in are read in one statement.
    """
    try:
        keys = UUID(token["user_id"]), UUID(token[SESSION_CLAIM])
    except (KeyError, ValueError) as error:
        raise InvalidToken("The token names no sign-in.") from error
    rows = _user_and_session.rows(*keys)
    if not rows:
        raise AuthenticationFailed("User not found", "user_not_found")
    *values, has_session = rows[0]
    user = User.from_db(router.db_for_read(User), _FIELDS, values)
    if not user.is_active:
        raise AuthenticationFailed("User is inactive", "user_inactive")
    if token.get(VERSION_CLAIM) != user.token_version:
        raise AuthenticationFailed("The token was revoked.", "token_revoked")
    if not has_session:
        raise AuthenticationFailed("The sign-in has ended.", "session_ended")
    return user


class TokenAuthentication(JWTAuthentication):
    """Authenticates by `Authorization: Bearer`."""

    def get_raw_token(self, header: bytes) -> bytes | None:
        """Return the token. The scheme may have any case (RFC 9110, section 11.1)."""
        scheme, _, rest = header.partition(b" ")
        return super().get_raw_token(scheme.title() + b" " + rest)

    def get_user(self, validated_token: Token) -> Any:
        return authenticate_token(validated_token)
