from typing import Any

from rest_framework import generics, serializers, status
from rest_framework.exceptions import ErrorDetail
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from mediabackend.api.throttles import ResetThrottle


def invalid_link() -> serializers.ValidationError:
    """Return the error of every link that is wrong, too old or used."""
    text = "The link is not valid: it is too old, was used before, or is incomplete."
    return serializers.ValidationError({"token": [ErrorDetail(text, "invalid_token")]})


class LinkSerializer(serializers.Serializer[Any]):
    """The two parts of a link in a mail."""

    uid = serializers.CharField(max_length=100, write_only=True)
    token = serializers.CharField(max_length=1000, write_only=True)


class DetailSerializer(serializers.Serializer[Any]):
    """What a request is answered whose outcome comes by mail."""

    detail = serializers.CharField()


class SavingView(generics.GenericAPIView[User]):
    """Does what the serializer's `save` does, and answers nothing."""

    throttle_classes = (ResetThrottle,)

    def post(self, request: Request) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(status=status.HTTP_204_NO_CONTENT)


class LinkView(SavingView):
    """Takes the token of a link in a mail: no sign-in is needed."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
