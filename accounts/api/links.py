"""Base views and serializers of the endpoints that send or take links in mails."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from mediabackend.api.throttles import ResetThrottle


class MailedLinkSerializer(serializers.Serializer[Any]):
    """The two parts of a link in a mail."""

    uid = serializers.CharField(max_length=100, write_only=True)
    token = serializers.CharField(max_length=1000, write_only=True)


class AcceptedSerializer(serializers.Serializer[Any]):
    """The answer to a request whose result comes by mail."""

    detail = serializers.CharField()


class ActionView(generics.GenericAPIView[User]):
    """Calls `act` with the serializer's fields, and answers with no content."""

    act: Callable[..., None]

    @extend_schema(responses={204: None})
    def post(self, request: Request) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        self.act(**serializer.validated_data)
        return Response(status=status.HTTP_204_NO_CONTENT)


class LinkView(ActionView):
    """Takes the token of a link in a mail; needs no sign-in."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = (ResetThrottle,)
    serializer_class = MailedLinkSerializer
