"""The second factor of staff: codes of an authenticator app (TOTP, RFC 6238).

Each member of staff has at most one authenticator, and recovery codes for the day when
it is lost. django-otp stores both, lets each code work once, and makes everybody wait
longer after each wrong code.
"""

from datetime import datetime
from typing import Any

import django_otp
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import User
from accounts.services.sign_in import log_wrong_code

RECOVERY_CODES = 10
_TOTP_DIGITS = 6


class TooManyCodes(Exception):
    """There were too many wrong codes. The right one is refused too, for now."""

    def __init__(self, until: datetime) -> None:
        seconds = max(1, round((until - timezone.now()).total_seconds()))
        super().__init__(f"Too many wrong codes. Try again in {seconds} seconds.")


def find_authenticator(user: Any) -> TOTPDevice | None:
    """Return the authenticator that the user has set up, or None."""
    return TOTPDevice.objects.filter(user=user.pk, confirmed=True).first()


def has_second_factor(request: HttpRequest) -> bool:
    """Say whether this session has the second factor, or needs none."""
    device = find_authenticator(request.user)
    if device is None:
        return not settings.ADMIN_REQUIRE_OTP
    of_session = request.session.get(django_otp.DEVICE_ID_SESSION_KEY)
    return bool(of_session == device.persistent_id)


def add_second_factor(request: HttpRequest) -> None:
    """Note in the session that its user has given a right code."""
    device = find_authenticator(request.user)
    # The id of the session changes, as it does at a sign-in.
    request.session.cycle_key()
    django_otp.login(request, device)


def check_code(request: HttpRequest, code: str) -> bool:
    """Use up a code of the authenticator, or a recovery code; raises TooManyCodes."""
    code = "".join(code.split()).lower()
    is_totp = len(code) == _TOTP_DIGITS and code.isascii() and code.isdigit()
    model: Any = TOTPDevice if is_totp else StaticDevice
    return _verify(request, model.objects.filter(confirmed=True), code)


def unconfirmed_authenticator(user: Any) -> TOTPDevice:
    """Return the authenticator that the user is about to set up."""
    waiting = TOTPDevice.objects.filter(user=user.pk, confirmed=False)
    return waiting.order_by("pk").first() or TOTPDevice.objects.create(
        user_id=user.pk, name="Authenticator", confirmed=False
    )


def confirm_authenticator(request: HttpRequest, code: str) -> bool:
    """Set the authenticator up if the code is one of its; raises TooManyCodes."""
    devices = TOTPDevice.objects.filter(user=request.user.pk)
    waiting = devices.filter(confirmed=False).order_by("pk")
    with transaction.atomic():
        # Of two requests at once, one finds the authenticator of the other.
        User.objects.select_for_update().get(pk=str(request.user.pk))
        if devices.filter(confirmed=True).exists():
            return False
        confirmed = _verify(request, waiting, "".join(code.split()))
        if confirmed:
            device = waiting[:1].get()
            device.confirmed = True
            device.save(update_fields=["confirmed"])
            waiting.delete()
    return confirmed


def replace_recovery_codes(user: Any) -> list[str]:
    """Make new recovery codes, and return them; the old ones no longer work."""
    codes = [StaticToken.random_token() for _ in range(RECOVERY_CODES)]
    with transaction.atomic():
        StaticDevice.objects.filter(user=user.pk).delete()
        device = StaticDevice.objects.create(user_id=user.pk, name="Recovery codes")
        device.token_set.bulk_create(
            StaticToken(device=device, token=code) for code in codes
        )
    return codes


def remove_second_factor(user: Any) -> bool:
    """Remove the authenticator and the recovery codes; False if there were none."""
    with transaction.atomic():
        StaticDevice.objects.filter(user=user.pk).delete()
        number, _ = TOTPDevice.objects.filter(user=user.pk).delete()
    return number > 0


def _verify(request: HttpRequest, devices: Any, code: str) -> bool:
    """Try a code at the caller's first of these devices; raises TooManyCodes."""
    with transaction.atomic():
        # Locked: of many codes at once, each is counted.
        device = devices.select_for_update().filter(user=request.user.pk).first()
        if device is None:
            return False
        allowed, why_not = device.verify_is_allowed()
        right = bool(allowed and device.verify_token(code))
    if not allowed:
        raise TooManyCodes(why_not["locked_until"])
    if not right:
        log_wrong_code(request, device.throttling_failure_count)
    return right
