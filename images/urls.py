from django.urls import path
from rest_framework.routers import SimpleRouter

from images.export import ExportView
from images.receipts import DeletionReceiptView
from images.views import ImageViewSet

router = SimpleRouter()
router.register("images", ImageViewSet, basename="image")

urlpatterns = [
    *router.urls,
    path("deletions/<str:pk>/", DeletionReceiptView.as_view(), name="deletion-receipt"),
    path("users/me/export/", ExportView.as_view(), name="export"),
]
