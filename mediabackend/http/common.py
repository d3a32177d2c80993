"""Django's common middleware, changed for the API."""

from django.http import HttpRequest
from django.middleware import common


class CommonMiddleware(common.CommonMiddleware):
    """Adds no slash below `/api/`: a redirect would lose the body of a POST."""

    def should_redirect_with_slash(self, request: HttpRequest) -> bool:
        return not request.path.startswith(
            "/api/"
        ) and super().should_redirect_with_slash(request)
