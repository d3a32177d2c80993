"""A renderer for JSON that uses orjson."""

from collections.abc import Mapping
from typing import Any

import orjson
from rest_framework import renderers


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
