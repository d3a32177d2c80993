"""Headers in which proxies say how a request reached them."""

from django.http import HttpRequest
from django.utils.deprecation import MiddlewareMixin

from mediabackend.http.client_ip import is_trusted_proxy


class ForwardedProtoMiddleware(MiddlewareMixin):
    """Drops `X-Forwarded-Proto` unless one of TRUSTED_PROXIES sent the request.

    Django believes the header of SECURE_PROXY_SSL_HEADER whoever sends it.
    """

    def process_request(self, request: HttpRequest) -> None:
        meta = request.META
        if "HTTP_X_FORWARDED_PROTO" in meta and not is_trusted_proxy(
            meta.get("REMOTE_ADDR", "")
        ):
            del meta["HTTP_X_FORWARDED_PROTO"]
