"""Attacks on the sender of events: each must end before it reaches anything."""

import socket
import time
from ipaddress import ip_address

import pytest

from mediabackend.events import receiver as network
from mediabackend.events.models import Event
from mediabackend.events.receiver import (
    ReceiverUnavailable,
    is_public,
    post_message,
)
from mediabackend.events.sending import SentEvents, send_events

PRIVATE = {
    "loopback": "127.0.0.1",
    "loopback-of-another-net": "127.255.0.9",
    "any": "0.0.0.0",  # noqa: S104
    "private-10": "10.0.0.1",
    "private-172": "172.16.0.1",
    "private-192": "192.168.1.1",
    "link-local-metadata": "169.254.169.254",
    "shared-nat": "100.64.0.1",
    "benchmarks": "198.18.0.1",
    "documentation": "192.0.2.1",
    "multicast": "224.0.0.1",
    "reserved": "240.0.0.1",
    "broadcast": "255.255.255.255",
    "ipv6-loopback": "::1",
    "ipv6-any": "::",
    "ipv6-link-local": "fe80::1",
    "ipv6-unique-local": "fd00::1",
    "ipv6-site-local": "fec0::1",
    "ipv6-multicast": "ff02::1",
    "ipv4-mapped": "::ffff:127.0.0.1",
    "ipv4-mapped-in-hex": "::ffff:a9fe:a9fe",
    "ipv4-compatible": "::127.0.0.1",
    "nat64-of-loopback": "64:ff9b::7f00:1",
    "local-nat64": "64:ff9b:1::1",
    "6to4-of-loopback": "2002:7f00:1::1",
    "teredo": "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "ipv6-documentation": "2001:db8::1",
}
# Other ways to write 127.0.0.1 and ::1.
DISGUISES = ["localhost", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "[0:0::1]"]


def post(url: str, allow_private: bool = False) -> None:
    post_message(url, {"webhook-id": "msg_1"}, b"{}", allow_private=allow_private)


@pytest.fixture
def names(monkeypatch):
    """Return a table of names, from which look-ups are answered.

    Each look-up of a name takes the first of its answers, which are lists of IPs.
    """
    table: dict[str, list[list[str]]] = {}
    real = socket.getaddrinfo

    def look_up(host, port, *args, **kwargs):
        ips = table[host].pop(0) if host in table else [host]
        return [found for ip in ips for found in real(ip, port, *args, **kwargs)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return table


@pytest.mark.parametrize("ip", PRIVATE.values(), ids=PRIVATE)
def test_private_ip__is_refused(ip):
    assert not is_public(ip_address(ip))
    host = f"[{ip}]" if ":" in ip else ip
    with pytest.raises(ReceiverUnavailable, match="not a public IP"):
        post(f"https://{host}/")


@pytest.mark.parametrize("ip", ["1.1.1.1", "2606:4700::1111", "64:ff9b::101:101"])
def test_public_ip__is_allowed(ip):
    assert is_public(ip_address(ip))


@pytest.mark.parametrize("host", DISGUISES)
def test_disguised_loopback__is_refused(host):
    with pytest.raises(ReceiverUnavailable, match="not a public IP"):
        post(f"https://{host}/")


def test_name_of_a_private_ip__is_refused(names):
    names["evil.example"] = [["10.0.0.1"]]
    with pytest.raises(ReceiverUnavailable, match=r"evil\.example is 10\.0\.0\.1"):
        post("https://evil.example/")


def test_name_of_a_public_and_a_private_ip__is_refused(names):
    names["evil.example"] = [["1.1.1.1", "127.0.0.1"]]
    with pytest.raises(ReceiverUnavailable, match="not a public IP"):
        post("https://evil.example/")


def test_dns_rebinding__has_no_second_answer(names, receiver, note, settings):
    """The name is looked up once, and the connection goes to the IP of this answer."""
    note()
    names["app.example"] = [["127.0.0.1"], ["127.0.0.9"]]
    settings.EVENTS_URL = f"http://app.example:{receiver.server_port}/hook"
    assert send_events() == SentEvents(sent=1)
    (message,) = receiver.messages
    assert message.headers["host"] == f"app.example:{receiver.server_port}"
    assert names["app.example"] == [["127.0.0.9"]]


def test_ip_that_does_not_answer__is_followed_by_the_next(
    names, receiver, note, settings
):
    note()
    names["app.example"] = [["127.0.0.9", "127.0.0.1"]]
    settings.EVENTS_URL = f"http://app.example:{receiver.server_port}/hook"
    assert send_events() == SentEvents(sent=1)


def test_plain_http__is_refused(receiver, note, settings):
    note()
    settings.EVENTS_ALLOW_PRIVATE = False
    assert send_events() == SentEvents(failed=1)
    assert receiver.messages == []
    assert "https://" in Event.objects.get().last_error


def test_proxy_of_the_environment__is_not_used(receiver, note, monkeypatch):
    note()
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert send_events() == SentEvents(sent=1)


def test_redirect__is_not_followed(receiver, note):
    note()
    receiver.reply = lambda handler, message: handler.answer(
        307, Location=f"http://127.0.0.1:{receiver.server_port}/admin"
    )
    assert send_events() == SentEvents(failed=1)
    assert [message.path for message in receiver.messages] == ["/hook"]
    assert "Redirects are not followed." in Event.objects.get().last_error


def drip(handler, message) -> None:
    """Answer with one header after the other, and never end."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while not handler.server.over.wait(0.02):
        handler.wfile.write(b"X-More: yes\r\n")


def say_nothing(handler, message) -> None:
    handler.server.over.wait(30)


@pytest.mark.parametrize("reply", [drip, say_nothing])
def test_slow_answer__ends_at_the_deadline(receiver, note, monkeypatch, reply):
    note()
    receiver.reply = reply
    monkeypatch.setattr(network, "SECONDS", 0.3)
    start = time.monotonic()
    assert send_events() == SentEvents(failed=1)
    assert time.monotonic() - start < 3
    assert "ReadTimeout" in Event.objects.get().last_error


def test_answer_without_end__is_not_read_to_its_end(receiver, note):
    note()
    written = []

    def flood(handler, message) -> None:
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(b"x" * 100_000)
            written.append(100_000)

    receiver.reply = flood
    assert send_events() == SentEvents(sent=1)
    assert sum(written) < 20_000_000


@pytest.mark.parametrize(
    "answer",
    [b"", b"HTTP/1.1 2", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 200 OK\r\n\0\0: x\r\n\r\n"],
    ids=["nothing", "half", "ssh", "header"],
)
def test_answer_that_is_not_http__is_a_failure(receiver, note, answer):
    note()
    receiver.reply = lambda handler, message: handler.wfile.write(answer)
    assert send_events() == SentEvents(failed=1)
    assert "ProtocolError" in Event.objects.get().last_error


def test_error_of_the_receiver__is_not_markup_in_the_admin(
    receiver, note, make_user, client
):
    note()
    receiver.reply = lambda handler, message: handler.answer(400, "<script>1</script>")
    send_events()
    client.force_login(make_user("root@example.com", is_staff=True, is_superuser=True))
    page = client.get("/admin/events/event/").content.decode()
    assert "&lt;script&gt;1" in page
    assert "<script>1" not in page
