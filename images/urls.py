from django.urls import path
from rest_framework.routers import SimpleRouter

from images.export import ExportView
from images.limits import UploadLimitsView
from images.moderation.views import ReportView
from images.public_views import FeedView, UserImagesView
from images.receipts import DeletionReceiptView
from images.upload_views import CompletionView, TicketView
from images.views import ImageViewSet

router = SimpleRouter()
router.register("images", ImageViewSet, basename="image")

urlpatterns = [
    # Before the routers, which would take it for an id.
    path("uploads/limits/", UploadLimitsView.as_view(), name="upload-limits"),
    *router.urls,
    path("images/<str:pk>/report/", ReportView.as_view(), name="image-report"),
    path("uploads/", TicketView.as_view(), name="uploads"),
    path(
        "uploads/<str:pk>/complete/",
        CompletionView.as_view(),
        name="upload-complete",
    ),
    path("feed/", FeedView.as_view(), name="feed"),
    path("users/<str:id>/images/", UserImagesView.as_view(), name="user-images"),
    path("deletions/<str:pk>/", DeletionReceiptView.as_view(), name="deletion-receipt"),
    path("users/me/export/", ExportView.as_view(), name="export"),
]
