"""Renderers: JSON with orjson, and the pages of the browsable API."""

from collections.abc import Mapping
from typing import Any

import orjson
from rest_framework import renderers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.utils.serializer_helpers import ReturnDict


class JSONRenderer(renderers.JSONRenderer):
    """Writes the same as REST framework's renderer, but much faster.

    REST framework's renderer is used when the client asks for an indentation
    (`application/json; indent=4`).
    """

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> Any:
        context = dict(renderer_context or {})
        if data is None or self.get_indent(accepted_media_type or "", context):
            return super().render(data, accepted_media_type, renderer_context)
        return orjson.dumps(data, self.encoder_class().default, orjson.OPT_UTC_Z)


class BrowsableAPIRenderer(renderers.BrowsableAPIRenderer):
    """Renders pages with descriptions, and errors at the fields of a form."""

    def get_description(self, view: Any, status_code: int) -> Any:
        # Without a sign-in too: the OpenAPI document says the same.
        return view.get_view_description(html=True)

    def get_rendered_html_form(
        self, data: Any, view: Any, method: str, request: Request
    ) -> Any:
        refused = isinstance(data, dict) and data.get("type") == "validation_error"
        if refused and method == request.method and hasattr(view, "get_serializer"):
            data = _with_refused_form(data["errors"], view, request)
        return super().get_rendered_html_form(data, view, method, request)


def _with_refused_form(
    errors: list[dict[str, Any]], view: Any, request: Request
) -> Any:
    """Return what REST framework takes for errors of a serializer.

    Its own errors have their serializer with them. Ours have another form, and come
    from services too.
    """
    serializer = view.get_serializer(data=request.data)
    by_field: dict[str, list[str]] = {}
    for error in errors:
        field = (error["attr"] or "").partition(".")[0]
        name = field if field in serializer.fields else "non_field_errors"
        by_field.setdefault(name, []).append(error["detail"])

    def refuse(data: Any) -> None:
        raise ValidationError(by_field)

    serializer.run_validation = refuse
    return ReturnDict({}, serializer=serializer)
