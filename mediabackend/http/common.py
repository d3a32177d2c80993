"""Django's common middleware, changed for the API."""

from django.conf import settings
from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.middleware import common

from mediabackend.http.error_responses import is_api


class CommonMiddleware(common.CommonMiddleware):
    """Redirects reads only below `/api/`, and lets probes ask with any `Host`.

    A redirect for a missing slash would lose the body of a POST.
    """

    def process_request(
        self, request: HttpRequest
    ) -> HttpResponsePermanentRedirect | None:
        if request.path_info in settings.PROBE_PATHS:
            return None
        return super().process_request(request)

    def should_redirect_with_slash(self, request: HttpRequest) -> bool:
        is_read = request.method in ("GET", "HEAD")
        may_redirect = is_read or not is_api(request)
        return may_redirect and super().should_redirect_with_slash(request)
