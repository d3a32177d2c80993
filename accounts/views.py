"""Sign-up, tokens and the caller's own profile."""

from typing import Any, cast

from django.conf import settings
from django.db.models import QuerySet
from drf_spectacular.utils import (
    OpenApiParameter,
    extend_schema,
    extend_schema_view,
)
from drf_standardized_errors.openapi_validation_errors import extend_validation_errors
from rest_framework import generics, serializers, status
from rest_framework.parsers import FormParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView
from rest_framework_simplejwt.views import TokenViewBase

from accounts.emails import mail_address_taken, mail_verification, send_soon
from accounts.models import Session, User
from accounts.password_views import DetailSerializer
from accounts.serializers import (
    WEAK_PASSWORD_CODES,
    PasswordConfirmationSerializer,
    SessionSerializer,
    SignupAnswerSerializer,
    SignupSerializer,
    UserSerializer,
)
from accounts.sessions import (
    alive_sessions,
    end_all_sessions,
    end_session,
    end_sessions,
    recent_sessions,
    start_session,
)
from accounts.signin import (
    RefreshTokenSerializer,
    TokenObtainSerializer,
    TokenRefreshSerializer,
    TokenVerifySerializer,
)
from mediabackend.parsers import JSONParser
from mediabackend.throttles import LoginThrottle, ResetThrottle, SignupThrottle

# What these answer to bad credentials, though they need none to be called.
UNAUTHORIZED = {"POST": ["401"]}


@extend_validation_errors(["unique"], field_name="email")
@extend_validation_errors(WEAK_PASSWORD_CODES, field_name="password")
class SignupView(generics.GenericAPIView[User]):
    """Create an account and sign in.

    With SIGNUP_ENUMERATION_SAFE the answer is 202, the same for an address that
    has an account already; whoever reads its mail learns what happened.
    """

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = (SignupThrottle,)
    serializer_class = SignupSerializer

    @extend_schema(
        summary="Create an account",
        responses={201: SignupAnswerSerializer, 202: DetailSerializer},
        auth=[],
    )
    def post(self, request: Request) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        if settings.SIGNUP_ENUMERATION_SAFE:
            return self._sign_up_silently(serializer, request)
        user = serializer.save()
        send_soon(mail_verification, request, user.email)
        answer = {"user": UserSerializer(user).data, **start_session(user, request)}
        return Response(answer, status=status.HTTP_201_CREATED)

    def _sign_up_silently(self, serializer: Any, request: Request) -> Response:
        """Do the same work for a new and a known address: one hash, one insert."""
        email, mail = serializer.validated_data["email"], mail_verification
        try:
            serializer.save()
        except serializers.ValidationError:
            mail = mail_address_taken
        send_soon(mail, request, email)
        answer = {"detail": "A mail is on its way to the address."}
        return Response(answer, status=status.HTTP_202_ACCEPTED)


@extend_schema_view(post=extend_schema(summary="Sign in"))
class TokenView(TokenViewBase):
    """Sign in: trade e-mail and password for an access and a refresh token."""

    serializer_class = TokenObtainSerializer
    error_statuses = UNAUTHORIZED
    throttle_classes = (LoginThrottle,)
    parser_classes = (JSONParser, FormParser)


@extend_schema_view(post=extend_schema(summary="Renew the tokens"))
class TokenRefreshView(TokenViewBase):
    """Trade a refresh token for a new pair. The used one is dead afterwards."""

    serializer_class = TokenRefreshSerializer
    error_statuses = UNAUTHORIZED
    throttle_classes = (LoginThrottle,)


@extend_schema_view(post=extend_schema(summary="Check a token"))
class TokenVerifyView(TokenViewBase):
    """Answer 200 for a token that is valid, else 401."""

    serializer_class = TokenVerifySerializer
    error_statuses = UNAUTHORIZED


class LogoutView(generics.GenericAPIView[User]):
    serializer_class = RefreshTokenSerializer

    @extend_schema(summary="Sign out", responses={204: None})
    def post(self, request: Request) -> Response:
        """End the sign-in that the refresh token belongs to."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        end_session(serializer.validated_data["refresh"], cast(User, request.user))
        return Response(status=status.HTTP_204_NO_CONTENT)


class LogoutAllView(APIView):
    @extend_schema(summary="Sign out everywhere", request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        """End all of the caller's sign-ins; access tokens end at once too."""
        end_all_sessions(cast(User, request.user))
        return Response(status=status.HTTP_204_NO_CONTENT)


@extend_schema_view(
    get=extend_schema(
        summary="The caller's sign-ins",
        parameters=[
            OpenApiParameter(
                "ended",
                bool,
                description="With `true`: all of the last 90 days, ended ones too.",
            )
        ],
    )
)
class SessionsView(generics.ListAPIView[Session]):
    """The caller's sign-ins that are alive, newest first."""

    serializer_class = SessionSerializer
    pagination_class = None

    def get_queryset(self) -> QuerySet[Session]:
        user = cast(User, self.request.user)
        if self.request.query_params.get("ended") == "true":
            return recent_sessions(user)
        return alive_sessions(user)


class SessionView(generics.DestroyAPIView[Session]):
    """End one sign-in of the caller."""

    serializer_class = SessionSerializer

    def get_queryset(self) -> QuerySet[Session]:
        return alive_sessions(cast(User, self.request.user))

    def perform_destroy(self, instance: Session) -> None:
        end_sessions(self.get_queryset().filter(pk=instance.pk))


@extend_schema_view(
    get=extend_schema(summary="The caller's profile"),
    patch=extend_schema(summary="Change the display name"),
)
class MeView(generics.RetrieveUpdateDestroyAPIView[User]):
    """The caller's profile."""

    serializer_class = UserSerializer
    http_method_names = ["get", "patch", "delete", "head", "options"]

    def get_throttles(self) -> list[BaseThrottle]:
        if self.request.method == "DELETE":
            return [ResetThrottle()]
        return super().get_throttles()

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
