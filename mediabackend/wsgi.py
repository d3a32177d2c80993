"""The WSGI application that gunicorn and `runserver` serve."""

import os
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.core.wsgi import get_wsgi_application

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mediabackend.settings")

_CHARSET = re.compile(r";\s*charset=\"?([^\s;\"]+)\"?", re.IGNORECASE)


def without_odd_charsets(app: "WSGIApplication") -> "WSGIApplication":
    """Drop a `charset` that Python knows as a codec, but not as one of text.

    Django would fail on it (`zlib`, `hex`, `idna`) before any of our code runs.
    """

    def wrapped(
        environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        content_type = environ.get("CONTENT_TYPE", "")
        if found := _CHARSET.search(content_type):
            try:
                b"a".decode(found[1], "replace")
            except (LookupError, ValueError):
                environ["CONTENT_TYPE"] = _CHARSET.sub("", content_type)
        return app(environ, start_response)

    return wrapped


application = without_odd_charsets(get_wsgi_application())
