from django.urls import path
from rest_framework.routers import SimpleRouter

from images.api.views.export import ExportView
from images.api.views.feed import FeedView, UserImagesView
from images.api.views.images import ImageViewSet
from images.api.views.receipts import DeletionReceiptView
from images.api.views.reports import ReportView
from images.api.views.uploads import CompletionView, TicketView, UploadLimitsView

router = SimpleRouter()
router.register("images", ImageViewSet, basename="image")

urlpatterns = [
    *router.urls,
    path("images/<str:pk>/report/", ReportView.as_view(), name="image-report"),
    path("uploads/", TicketView.as_view(), name="uploads"),
    path("uploads/limits/", UploadLimitsView.as_view(), name="upload-limits"),
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
