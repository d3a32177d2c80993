from django.urls import re_path

from imagekit_emulator.views import emulator

app_name = "imagekit_emulator"

urlpatterns = [re_path(r"^(?P<path>.*)\Z", emulator, name="emulator")]
