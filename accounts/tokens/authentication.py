from typing import Any
from uuid import UUID

from rest_framework.exceptions import AuthenticationFailed
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import InvalidToken

from accounts.models import User
from accounts.tokens.kinds import is_current


class TokenAuthentication(JWTAuthentication):
    """Checks the token against the user's row, which is read anyway."""

    def get_user(self, validated_token: Any) -> Any:
        """Return whom the token stands for; raises AuthenticationFailed."""
        try:
            user = User.objects.by_id(UUID(validated_token["user_id"]))
        except (KeyError, ValueError) as error:
            raise InvalidToken("The token names nobody.") from error
        except User.DoesNotExist as error:
            raise AuthenticationFailed("User not found", "user_not_found") from error
        if not user.is_active:
            raise AuthenticationFailed("User is inactive", "user_inactive")
        if not is_current(user, validated_token):
            raise AuthenticationFailed("The token was revoked.", "token_revoked")
        return user
