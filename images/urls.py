from django.urls import path
from rest_framework.routers import SimpleRouter

from images.export import ExportView
from images.views import ImageViewSet

router = SimpleRouter()
router.register("images", ImageViewSet, basename="image")

urlpatterns = [
    *router.urls,
    path("users/me/export/", ExportView.as_view(), name="export"),
]
