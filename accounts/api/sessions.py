"""Endpoints about the caller's sign-ins."""

from typing import cast

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.links import ActionView
from accounts.api.tokens import RefreshTokenSerializer
from accounts.models import Session, User
from accounts.tokens.sessions import (
    alive_sessions,
    end_all_sessions,
    end_session,
    end_sessions,
    recent_sessions,
)


class SessionSerializer(serializers.ModelSerializer[Session]):
    """A sign-in: its times, its IP address and its user agent."""

    address = serializers.IPAddressField(source="ip", read_only=True, allow_null=True)

    class Meta:
        model = Session
        fields = [
            "id",
            "created_at",
            "last_used_at",
            "expires_at",
            "revoked_at",
            "address",
            "agent",
        ]
        read_only_fields = fields


@extend_schema_view(post=extend_schema(operation_id="auth.signOut", summary="Sign out"))
class LogoutView(ActionView):
    """End the sign-in that the refresh token belongs to, with its access tokens."""

    serializer_class = RefreshTokenSerializer

    def act(self, refresh: str) -> None:
        end_session(refresh, cast(User, self.request.user))


class LogoutAllView(APIView):
    @extend_schema(
        operation_id="auth.signOutEverywhere",
        summary="Sign out everywhere",
        request=None,
        responses={204: None},
    )
    def post(self, request: Request) -> Response:
        """End all of the caller's sign-ins, with their access tokens."""
        end_all_sessions(cast(User, request.user))
        return Response(status=status.HTTP_204_NO_CONTENT)


@extend_schema_view(
    get=extend_schema(
        operation_id="account.listSessions",
        summary="The caller's sign-ins",
        parameters=[
            OpenApiParameter(
                "ended",
                bool,
                description="`true`: all of the last 90 days, including ended ones.",
            )
        ],
    )
)
class SessionsView(generics.ListAPIView[Session]):
    """The caller's sign-ins that have not ended, newest first."""

    serializer_class = SessionSerializer
    pagination_class = None

    def get_queryset(self) -> QuerySet[Session]:
        user = cast(User, self.request.user)
        if self.request.query_params.get("ended") == "true":
            return recent_sessions(user)
        return alive_sessions(user)


@extend_schema_view(
    delete=extend_schema(
        operation_id="account.endSession",
        summary="End a sign-in",
        responses={204: None},
    )
)
class SessionView(generics.DestroyAPIView[Session]):
    """End one sign-in of the caller."""

    serializer_class = SessionSerializer

    def get_queryset(self) -> QuerySet[Session]:
        return alive_sessions(cast(User, self.request.user))

    def perform_destroy(self, instance: Session) -> None:
        end_sessions(self.get_queryset().filter(pk=instance.pk))
