from django.urls import path
from rest_framework.routers import SimpleRouter

from images.export import ExportView
from images.limits import UploadLimitsView
from images.views import ImageViewSet

router = SimpleRouter()
router.register("images", ImageViewSet, basename="image")

urlpatterns = [
    # Before the routers, which would take it for an id.
    path("uploads/limits/", UploadLimitsView.as_view(), name="upload-limits"),
    *router.urls,
    path("users/me/export/", ExportView.as_view(), name="export"),
]
