"""Every route of the project."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView
from django.views.static import serve

from accounts.urls import urlpatterns as accounts_api
from images.api.urls import urlpatterns as images_api
from images.api.views.webhooks import imagekit_webhook
from mediabackend.site.health import healthz, readyz
from mediabackend.site.metrics import metrics
from mediabackend.site.pages import (
    READ_ONLY,
    APIRoot,
    docs,
    favicon,
    landing,
    redoc,
    redoc_bundle,
)
from mediabackend.site.schema import schema

admin.site.site_header = admin.site.site_title = settings.SITE_NAME

api: list[URLPattern | URLResolver] = [
    path("", APIRoot.as_view(), name="api-root"),
    # Not `include`: each of its urlconfs is a search of its own.
    *images_api,
    *accounts_api,
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", landing, name="landing"),
    path("api/v1/", include(api)),
    path("accounts/", include("accounts.pages.urls")),
    path("webhooks/imagekit/", imagekit_webhook, name="imagekit-webhook"),
    path("api/schema/", schema, name="schema"),
    path("api-auth/", include("rest_framework.urls")),
    path("docs", docs, name="docs"),
    path("redoc", redoc, name="redoc"),
    path(
        "docs/", RedirectView.as_view(pattern_name="docs", http_method_names=READ_ONLY)
    ),
    path(
        "redoc/",
        RedirectView.as_view(pattern_name="redoc", http_method_names=READ_ONLY),
    ),
    path("admin/", admin.site.urls),
    path("favicon.ico", favicon, name="favicon"),
    path("redoc/redoc.standalone.js", redoc_bundle, name="redoc-bundle"),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
]
if settings.IMAGEKIT_EMULATOR is not None:
    urlpatterns.append(path("_imagekit/", include("imagekit_emulator.urls")))
if settings.DEBUG:
    gallery = {"document_root": settings.BASE_DIR / "examples" / "gallery"}
    urlpatterns += [
        path("gallery/", serve, {"path": "index.html", **gallery}, name="gallery"),
        path("gallery/<str:path>", serve, gallery),
    ]

handler400 = "mediabackend.http.error_responses.bad_request"
handler403 = "mediabackend.http.error_responses.permission_denied"
handler404 = "mediabackend.http.error_responses.page_not_found"
handler500 = "mediabackend.http.error_responses.server_error"
