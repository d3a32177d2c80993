"""Headers in which proxies say how a request reached them."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from mediabackend.http.client_ip import is_trusted_proxy


class ForwardedProtoMiddleware:
    """Drops `X-Forwarded-Proto` unless one of TRUSTED_PROXIES sent the request.

    Django believes the header of SECURE_PROXY_SSL_HEADER whoever sends it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        meta = request.META
        if "HTTP_X_FORWARDED_PROTO" in meta and not is_trusted_proxy(
            meta.get("REMOTE_ADDR", "")
        ):
            del meta["HTTP_X_FORWARDED_PROTO"]
        return self.get_response(request)
