"""Pages of the browsable API that show the pictures of their answer."""

from collections.abc import Mapping
from typing import Any

from mediabackend.api.renderers import BrowsableAPIRenderer, JSONRenderer


class PicturesRenderer(BrowsableAPIRenderer):
    """Shows the picture of an image, or the thumbnails of a list."""

    template = "images/api_with_pictures.html"

    def get_context(
        self,
        data: Any,
        accepted_media_type: str | None,
        renderer_context: Mapping[str, Any],
    ) -> dict[str, Any]:
        context = super().get_context(data, accepted_media_type, renderer_context)
        answer = data if isinstance(data, dict) else {}
        # After a take-down there are no renditions.
        is_picture = bool(answer.get("renditions"))
        context["picture"] = answer if is_picture else None
        context["pictures"] = answer.get("results")
        return context


RENDERERS = (JSONRenderer, PicturesRenderer)
