"""Sign-up, tokens and the caller's own profile."""

from typing import cast

from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.parsers import FormParser, JSONParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework_simplejwt.views import TokenViewBase

from accounts.models import User
from accounts.serializers import (
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


class SignupView(generics.GenericAPIView[User]):
    """Create an account and sign in."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    serializer_class = SignupSerializer

    @extend_schema(responses={201: SignupAnswerSerializer}, auth=[])
    def post(self, request: Request) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        user = serializer.save()
        answer = {"user": UserSerializer(user).data, **issue_tokens(user)}
        return Response(answer, status=status.HTTP_201_CREATED)


class TokenView(TokenViewBase):
    """Sign in: trade e-mail and password for an access and a refresh token."""

    serializer_class = TokenObtainSerializer
    parser_classes = (JSONParser, FormParser)


class TokenRefreshView(TokenViewBase):
    """Trade a refresh token for a new pair. The used one is dead afterwards."""

    serializer_class = TokenRefreshSerializer


class TokenVerifyView(TokenViewBase):
    """Answer 200 for a token that is valid, else 401."""

    serializer_class = TokenVerifySerializer


class MeView(generics.RetrieveUpdateAPIView[User]):
    """The caller's profile."""

    serializer_class = UserSerializer
    http_method_names = ["get", "patch", "head", "options"]

    def get_object(self) -> User:
        # The row that authentication has just read: no further query.
        return cast(User, self.request.user)
