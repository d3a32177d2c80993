"""The WSGI application that gunicorn and `runserver` serve."""

import codecs
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.core.wsgi import get_wsgi_application
from django.utils.http import parse_header_parameters

from mediabackend.db.statement_timeout import limit_statements

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mediabackend.settings")

# Others are read as UTF-8, the one encoding of JSON and of forms (RFC 8259, WHATWG).
_CHARSETS = frozenset({"utf-8", "ascii", "iso8859-1"})


def without_odd_charsets(app: "WSGIApplication") -> "WSGIApplication":
    """Drop the parameters of a `Content-Type` that names an odd encoding.

    Django would decode with whatever codec of Python is named: fail on it (`zlib`,
    or an unknown one after RFC 2231) before any of our code runs, or take time that
    grows with the square of the body (`punycode`).
    """

    def wrapped(
        environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        content_type = environ.get("CONTENT_TYPE", "")
        if content_type and not _is_readable(content_type):
            environ["CONTENT_TYPE"] = content_type.partition(";")[0]
        return app(environ, start_response)

    return wrapped


def _is_readable(content_type: str) -> bool:
    # As Django parses it: a pattern would miss `charset =x` and `charset*=''x`.
    try:
        _, parameters = parse_header_parameters(content_type)
        charset = codecs.lookup(parameters.get("charset", "utf-8"))
    except (LookupError, ValueError):
        return False
    return charset.name in _CHARSETS


application = without_odd_charsets(get_wsgi_application())
limit_statements()
