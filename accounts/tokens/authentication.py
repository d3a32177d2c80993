"""Authentication of API requests by access token."""

from typing import Any
from uuid import UUID

from rest_framework.exceptions import AuthenticationFailed
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import InvalidToken

from accounts.models import User
from accounts.tokens.kinds import is_current
from mediabackend.db.compiled import CompiledObjects

_by_id = CompiledObjects(User, lambda key: User.objects.filter(pk=key))


class TokenAuthentication(JWTAuthentication):
    """Checks the token against the user's row, which is read anyway."""

    def get_user(self, validated_token: Any) -> Any:
        """Return whom the token stands for; raises AuthenticationFailed."""
        try:
            user = _by_id.first(UUID(validated_token["user_id"]))
        except (KeyError, ValueError) as error:
            raise InvalidToken("The token names nobody.") from error
        if user is None:
            raise AuthenticationFailed("User not found", "user_not_found")
        if not user.is_active:
            raise AuthenticationFailed("User is inactive", "user_inactive")
        if not is_current(user, validated_token):
            raise AuthenticationFailed("The token was revoked.", "token_revoked")
        return user
