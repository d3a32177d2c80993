"""Where a request comes from."""

import ipaddress
from ipaddress import IPv4Network, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request

Network = IPv4Network | IPv6Network


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


def address_group(address: str | None) -> str:
    """Return what stands for an address where requests are counted.

    One customer gets at least a /64 of IPv6 (RFC 6177), so the addresses in it
    count as one.
    """
    if not address:
        return "none"
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
