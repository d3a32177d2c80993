"""IP addresses of clients."""

from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request

Network = IPv4Network | IPv6Network


def is_inside(ip: str, networks: list[Network]) -> bool:
    try:
        return any(ip_address(ip) in network for network in networks)
    except ValueError:
        return False


def client_ip(request: HttpRequest | Request) -> str | None:
    """Return the client's IP address, or None if it has none (a Unix socket).

    `X-Forwarded-For` is read from its end, and only as far as TRUSTED_PROXIES wrote
    it: the client can make up everything before the first IP address that is not
    theirs.
    """
    ip = request.META.get("REMOTE_ADDR", "")
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    while is_inside(ip, settings.TRUSTED_PROXIES) and hops:
        hop = hops.pop().strip()
        try:
            ip_address(hop)
        except ValueError:
            break
        ip = hop
    # Without the zone of a link-local address: PostgreSQL does not store one.
    return ip.partition("%")[0] or None


def ip_group(ip: str | None) -> str:
    """Return the network of an IP address, where requests are counted.

    A customer gets at least a /64 of IPv6 (RFC 6177), so all IP addresses in it are
    counted as one.
    """
    if not ip:
        return "none"
    parsed = ip_address(ip)
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ip_network((parsed, 64), strict=False))
    return str(parsed)
