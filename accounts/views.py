"""Sign-up, tokens and the caller's own profile."""

from typing import Any, cast

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import generics, status
from rest_framework.parsers import FormParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework_simplejwt.views import TokenViewBase

from accounts.models import User
from accounts.serializers import (
    PasswordConfirmationSerializer,
    SignupAnswerSerializer,
    SignupSerializer,
    UserSerializer,
)
from accounts.tokens import (
    TokenObtainSerializer,
    TokenRefreshSerializer,
    TokenVerifySerializer,
    issue_tokens,
)
from mediabackend.parsers import JSONParser

# What these answer to bad credentials, though they need none to be called.
UNAUTHORIZED = {"POST": ["401"]}


class SignupView(generics.GenericAPIView[User]):
    """Create an account and sign in."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    serializer_class = SignupSerializer

    @extend_schema(
        summary="Create an account", responses={201: SignupAnswerSerializer}, auth=[]
    )
    def post(self, request: Request) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        user = serializer.save()
        answer = {"user": UserSerializer(user).data, **issue_tokens(user)}
        return Response(answer, status=status.HTTP_201_CREATED)


@extend_schema_view(post=extend_schema(summary="Sign in"))
class TokenView(TokenViewBase):
    """Sign in: trade e-mail and password for an access and a refresh token."""

    serializer_class = TokenObtainSerializer
    error_statuses = UNAUTHORIZED
    parser_classes = (JSONParser, FormParser)


@extend_schema_view(post=extend_schema(summary="Renew the tokens"))
class TokenRefreshView(TokenViewBase):
    """Trade a refresh token for a new pair. The used one is dead afterwards."""

    serializer_class = TokenRefreshSerializer
    error_statuses = UNAUTHORIZED


@extend_schema_view(post=extend_schema(summary="Check a token"))
class TokenVerifyView(TokenViewBase):
    """Answer 200 for a token that is valid, else 401."""

    serializer_class = TokenVerifySerializer
    error_statuses = UNAUTHORIZED


@extend_schema_view(
    get=extend_schema(summary="The caller's profile"),
    patch=extend_schema(summary="Change the display name"),
)
class MeView(generics.RetrieveUpdateDestroyAPIView[User]):
    """The caller's profile."""

    serializer_class = UserSerializer
    http_method_names = ["get", "patch", "delete", "head", "options"]

    def get_object(self) -> User:
        # The row that authentication has just read: no further query.
        return cast(User, self.request.user)

    @extend_schema(
        summary="Delete the account and its images",
        request=PasswordConfirmationSerializer,
    )
    def delete(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Delete the account with all its images, remote files included."""
        serializer = PasswordConfirmationSerializer(
            data=request.data, context=self.get_serializer_context()
        )
        serializer.is_valid(raise_exception=True)
        return super().delete(request, *args, **kwargs)
