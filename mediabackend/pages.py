"""The landing page and the root of the browsable API."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from mediabackend.health import run_checks


@never_cache
def landing(request: HttpRequest) -> HttpResponse:
    """Say what this is, where to go, and whether the installation is well."""
    return render(request, "landing.html", {"checks": run_checks()})


class APIRoot(APIView):
    """Accounts and images. Follow a link, or read [the documentation](/docs)."""

    permission_classes = (AllowAny,)
    ROUTES = {
        "signup": "signup",
        "token": "token",
        "token_refresh": "token-refresh",
        "token_verify": "token-verify",
        "login": "login",
        "me": "me",
        "images": "image-list",
    }

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        links = {
            name: reverse(route, request=request) for name, route in self.ROUTES.items()
        }
        return Response(links)
