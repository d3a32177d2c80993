"""Rates of the throttles, and the lock on signing in."""

import re

from django.core.exceptions import ImproperlyConfigured

from mediabackend.settings.environment import DEBUG, env

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
# As the REST framework writes rates: 10/hour, 10/h.
_RATE = re.compile(r"([1-9]\d*)/(s|sec|m|min|h|hour|d|day)")


def parse_rate(name: str, value: str) -> tuple[int, int] | None:
    """Return a rate as a number and seconds, or None for "" (no limit).

    Raises ImproperlyConfigured with the name of the setting.
    """
    if not value:
        return None
    found = _RATE.fullmatch(value)
    if not found:
        raise ImproperlyConfigured(f"{name} must look like 10/hour, 30/min or 5/day.")
    return int(found[1]), _SECONDS[found[2][0]]


_rates = {
    "THROTTLE_SIGNUP": env.str(
        "THROTTLE_SIGNUP",
        # Whoever tries the server out signs up again and again.
        default="1000/hour" if DEBUG else "10/hour",
    ),
    "THROTTLE_LOGIN": env.str("THROTTLE_LOGIN", default="30/min"),
    "THROTTLE_RESET": env.str("THROTTLE_RESET", default="5/hour"),
    "THROTTLE_UPLOAD": env.str("THROTTLE_UPLOAD", default="120/hour"),
    "THROTTLE_WRITE": env.str("THROTTLE_WRITE", default="600/min"),
    "THROTTLE_EXPORT": env.str("THROTTLE_EXPORT", default="5/hour"),
    "THROTTLE_REPORT": env.str("THROTTLE_REPORT", default="30/hour"),
    "THROTTLE_ANON": env.str("THROTTLE_ANON", default="600/min"),
}
# By scope: signup, login and so on. Requests are counted per user, or per IP address
# without a sign-in.
THROTTLE_RATES = {
    name.removeprefix("THROTTLE_").lower(): parse_rate(name, value)
    for name, value in _rates.items()
}

# After this many failed sign-ins to one account from one network, further ones are
# refused for so many minutes. 0 turns the lock off.
LOCKOUT_FAILURES = env.int("LOCKOUT_FAILURES", default=5)
LOCKOUT_MINUTES = env.int("LOCKOUT_MINUTES", default=15)
# The same for an IPv6 /48, in which one person may have 65,536 networks.
LOCKOUT_SITE_FAILURES = 5 * LOCKOUT_FAILURES
# After this many failures in a row from anywhere, an account opens to the networks that
# it knows only, until it is unlocked (NIST SP 800-63B, section 5.2.2).
LOCKOUT_ACCOUNT_FAILURES = 100
if LOCKOUT_FAILURES < 0 or LOCKOUT_MINUTES < 1:
    raise ImproperlyConfigured(
        "LOCKOUT_FAILURES must be 0 or more, LOCKOUT_MINUTES 1 or more."
    )
