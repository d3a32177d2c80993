"""Codes of the second factor, and whether the admin opens without one."""

from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

ADMIN = "/admin/"
CODE = "/admin/second-factor/"
SET_UP = "/admin/second-factor/setup/"


def code_of(device: TOTPDevice) -> str:
    """Return the code that the authenticator shows."""
    return f"{totp(device.bin_key):06}"


def recovery_code() -> str:
    return StaticToken.objects.first().token


def opens(client: Client) -> bool:
    """Say whether the admin opens; otherwise it sends to the page for a code."""
    response = client.get(ADMIN, follow=True)
    if response.redirect_chain:
        assert response.redirect_chain[-1][0].startswith(CODE), response.redirect_chain
        return False
    return response.status_code == 200
