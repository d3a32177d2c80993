"""The names and descriptions of views, for their pages and for `OPTIONS`."""

import re
from functools import cache
from typing import Any

from rest_framework.views import APIView, get_view_name

from mediabackend.site.schema import openapi_document
from mediabackend.templatetags.markup import as_html

# In the place of REST framework's names, which come from the names of the classes.
_NAMES = {
    "Api Root": "API",
    "Image List": "Images",
    "Image Instance": "Image",
    "Me": "Your profile",
    "Session": "One sign-in",
    "Sessions": "Your sign-ins",
    "Signup": "Sign-up",
    "Token": "Sign-in",
    "Token Refresh": "Renewal of tokens",
    "Token Verify": "Check of a token",
    "Login": "Sign-in of OAuth2 clients",
    "Logout": "Sign-out",
    "Logout All": "Sign-out everywhere",
    "Ticket": "Direct upload",
    "Completion": "Completion of a direct upload",
    "User Images": "Public images of a user",
}


def view_name(view: APIView) -> str:
    name = get_view_name(view)
    return _NAMES.get(name, name.capitalize())


def view_description(view: APIView, html: bool = False) -> str:
    """Return what the OpenAPI document says about each method of the view."""
    path = view.request.path_info
    found = (value for pattern, value in _patterns() if pattern.fullmatch(path))
    operations = next(found, {})
    texts = [f"**{method.upper()}** {_text(it)}" for method, it in operations.items()]
    text = "\n\n".join(texts or [view.__class__.__doc__ or ""])
    return as_html(text) if html else text


def _text(operation: dict[str, Any]) -> str:
    summary = f"{operation['summary']}."
    description = operation.get("description", "")
    return summary if description in ("", summary) else f"{summary} {description}"


@cache
def _patterns() -> list[tuple[re.Pattern[str], dict[str, Any]]]:
    """Return the paths of the document; those with fewer parameters come first."""
    paths: dict[str, Any] = openapi_document()["paths"]
    return [
        (re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))), operations)
        for path, operations in sorted(paths.items(), key=lambda it: it[0].count("{"))
    ]
