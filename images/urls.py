from django.urls import path
from rest_framework.routers import SimpleRouter

from images.export import ExportView
from images.moderation.views import ReportView
from images.views import ImageViewSet

router = SimpleRouter()
router.register("images", ImageViewSet, basename="image")

urlpatterns = [
    *router.urls,
    path("images/<str:pk>/report/", ReportView.as_view(), name="image-report"),
    path("users/me/export/", ExportView.as_view(), name="export"),
]
