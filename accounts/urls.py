from django.urls import path

from accounts.oauth2 import LoginView
from accounts.views import (
    MeView,
    SignupView,
    TokenRefreshView,
    TokenVerifyView,
    TokenView,
)

urlpatterns = [
    path("auth/signup/", SignupView.as_view(), name="signup"),
    path("auth/token/", TokenView.as_view(), name="token"),
    path("auth/token/refresh/", TokenRefreshView.as_view(), name="token-refresh"),
    path("auth/token/verify/", TokenVerifyView.as_view(), name="token-verify"),
    path("auth/login/", LoginView.as_view(), name="login"),
    path("users/me/", MeView.as_view(), name="me"),
]
