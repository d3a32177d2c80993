"""IP addresses of clients."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Any

from django.conf import settings

if TYPE_CHECKING:
    # gunicorn's main process imports this module, and should not load these.
    from django.http import HttpRequest
    from rest_framework.request import Request

Network = IPv4Network | IPv6Network


def is_inside(ip: str, networks: list[Network]) -> bool:
    """Say whether an IP address is in one of the networks; other text is in none."""
    try:
        address = ip_address(ip)
    except ValueError:
        return False
    return any(address in network for network in networks)


def is_trusted_proxy(ip: str) -> bool:
    """Say whether this peer's forwarding headers are believed.

    A Unix socket has no IP address. Its permissions say who may connect to it, so
    whoever does is trusted.
    """
    return not ip or is_inside(ip, settings.TRUSTED_PROXIES)


def client_ip(request: HttpRequest | Request) -> str | None:
    """Return the client's IP address, or None if it has none (a Unix socket)."""
    return client_ip_of(request.META)


def client_ip_of(environ: Mapping[str, Any]) -> str | None:
    """Return the client's IP address by the variables of the request.

    `X-Forwarded-For` is read from its end, and only as far as TRUSTED_PROXIES wrote
    it: the client can make up everything before the first IP address that is not
    theirs.
    """
    ip = environ.get("REMOTE_ADDR", "")
    hops = environ.get("HTTP_X_FORWARDED_FOR", "").split(",")
    while is_trusted_proxy(ip) and hops:
        hop = hops.pop().strip()
        try:
            ip_address(hop)
        except ValueError:
            break
        ip = hop
    # Without the zone of a link-local address: PostgreSQL does not store one.
    return ip.partition("%")[0] or None


def ip_group(ip: str | None, prefix: int = 64) -> str:
    """Return the network of an IP address, where requests are counted.

    A customer gets at least a /64 of IPv6, and often a /48 (RFC 6177), so all IP
    addresses in one are counted as one. IPv4 addresses are counted one by one.
    """
    if not ip:
        return "none"
    parsed = ip_address(ip)
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ip_network((parsed, prefix), strict=False))
    return str(parsed)
