"""Where a request comes from."""

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from rest_framework.request import Request

Network = IPv4Network | IPv6Network


def parse_networks(name: str, values: list[str]) -> list[Network]:
    """Return the networks of a setting; raises ImproperlyConfigured naming it."""
    try:
        return [ip_network(value.strip()) for value in values]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: {error}") from error


def is_inside(address: str, networks: list[Network]) -> bool:
    try:
        return any(ip_address(address) in network for network in networks)
    except ValueError:
        return False


def client_address(request: HttpRequest | Request) -> str | None:
    """Return the client's IP address, or None where there is none (a Unix socket).

    `X-Forwarded-For` counts only as far as TRUSTED_PROXIES wrote it: it is read
    from its end, past the proxies that are trusted; what stands before the
    first address that is not could be made up by the client.
    """
    address = request.META.get("REMOTE_ADDR", "")
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    while is_inside(address, settings.TRUSTED_PROXIES) and hops:
        hop = hops.pop().strip()
        try:
            ip_address(hop)
        except ValueError:
            break
        address = hop
    return address or None
