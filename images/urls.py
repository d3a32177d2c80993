from django.urls import path
from rest_framework.routers import SimpleRouter

from images.export import ExportView
from images.public_views import FeedView, UserImagesView
from images.views import ImageViewSet

router = SimpleRouter()
router.register("images", ImageViewSet, basename="image")

urlpatterns = [
    *router.urls,
    path("feed/", FeedView.as_view(), name="feed"),
    path("users/<str:id>/images/", UserImagesView.as_view(), name="user-images"),
    path("users/me/export/", ExportView.as_view(), name="export"),
]
