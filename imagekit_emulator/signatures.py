"""Signed delivery URLs."""

import hashlib
import hmac
import re
import time

from imagekit_emulator.errors import DeliveryError

NO_EXPIRY = "9999999999"


def is_signed(private_key: str, target: str) -> bool:
    """Return whether a URL has a signature; 401 when it is wrong or has expired.

    `target` is the URL after the endpoint and its slash, percent-encoded as it was
    sent. The signature must be the last parameter, and the expiry (Unix seconds) the
    one before it.
    """
    path, _, query = target.partition("?")
    parameters = query.split("&")
    names = [parameter.partition("=")[0] for parameter in parameters]
    if "ik-s" not in names:
        return False
    signature = parameters.pop().removeprefix("ik-s=")
    expiry = NO_EXPIRY
    if parameters and parameters[-1].startswith("ik-t="):
        expiry = parameters.pop().removeprefix("ik-t=")
    unsigned = "?".join([path, "&".join(parameters)]) if parameters else path
    wanted = hmac.new(
        private_key.encode(), (unsigned + expiry).encode(), hashlib.sha1
    ).hexdigest()
    if not hmac.compare_digest(signature.encode(), wanted.encode()):
        raise DeliveryError(401, "EACCES", "The signature of the URL is invalid")
    if not re.fullmatch(r"[0-9]{1,12}", expiry) or int(expiry) < time.time():
        raise DeliveryError(401, "EACCES", "The signed URL has expired")
    return True
