"""The OpenAPI document at `/api/schema/`, made once per process."""

import threading
from functools import cache
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.views.decorators.gzip import gzip_page
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request

from mediabackend.api.caching import etag_of

# drf-spectacular changes global settings while it works: not for two threads at once.
_making = threading.Lock()


class SchemaView(SpectacularAPIView):
    """The OpenAPI document, as YAML or JSON: `Accept` or `?format=json` says which.

    It is the same for everybody. Caches ask each time, as a new version of the server
    may have another document.
    """

    def get_format_suffix(self, **kwargs: Any) -> str | None:
        return self.request.query_params.get("format")

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        renderer = request.accepted_renderer
        kind = renderer.media_type
        with _making:
            content, etag = _document(kind)
        charset = f"; charset={renderer.charset}" if renderer.charset else ""
        response = HttpResponse(content, content_type=f"{kind}{charset}")
        response["Content-Disposition"] = (
            f'inline; filename="{self._get_filename(request, None)}"'
        )
        response["ETag"] = etag
        response["Cache-Control"] = "public, no-cache"
        # Said here, as the 304 needs it too.
        patch_vary_headers(response, ["Accept", "Accept-Encoding"])
        return get_conditional_response(request._request, etag, None, response)  # type: ignore[return-value]


def openapi_document() -> dict[str, Any]:
    """Return the document, which nobody may change."""
    with _making:
        return _data()


@cache
def _document(media_type: str) -> tuple[bytes, str]:
    """Return the document as one of the view's media types, and its ETag."""
    renderers = {one.media_type: one for one in SchemaView.renderer_classes}
    content: Any = renderers[media_type]().render(_data(), renderer_context={})
    return content, etag_of(content)


@cache
def _data() -> dict[str, Any]:
    generator = SchemaView.generator_class()
    return generator.get_schema(request=None, public=True)


# Makes the ETag weak where it compresses: then `If-None-Match` matches both forms.
schema = gzip_page(SchemaView.as_view())
