from rest_framework.routers import SimpleRouter

from images.views import ImageViewSet

router = SimpleRouter()
router.register("images", ImageViewSet, basename="image")

urlpatterns = router.urls
