from django.urls import path

from accounts.api.emails import (
    EmailChangeConfirmView,
    EmailChangeView,
    EmailResendView,
    EmailVerifyView,
)
from accounts.api.oauth2 import LoginView
from accounts.api.passwords import (
    PasswordChangeView,
    PasswordResetConfirmView,
    PasswordResetView,
)
from accounts.api.profile import MeView
from accounts.api.sessions import LogoutAllView, LogoutView, SessionsView, SessionView
from accounts.api.sign_up import SignupView
from accounts.api.tokens import TokenRefreshView, TokenVerifyView, TokenView

urlpatterns = [
    path("users/me/", MeView.as_view(), name="me"),
    path("auth/signup/", SignupView.as_view(), name="signup"),
    path("auth/token/", TokenView.as_view(), name="token"),
    path("auth/token/refresh/", TokenRefreshView.as_view(), name="token-refresh"),
    path("auth/token/verify/", TokenVerifyView.as_view(), name="token-verify"),
    path("auth/login/", LoginView.as_view(), name="login"),
    path("auth/logout/", LogoutView.as_view(), name="logout"),
    path("auth/logout/all/", LogoutAllView.as_view(), name="logout-all"),
    path("auth/password/change/", PasswordChangeView.as_view(), name="password-change"),
    path("auth/password/reset/", PasswordResetView.as_view(), name="password-reset"),
    path(
        "auth/password/reset/confirm/",
        PasswordResetConfirmView.as_view(),
        name="password-reset-confirm",
    ),
    path("auth/email/verify/", EmailVerifyView.as_view(), name="email-verify"),
    path("auth/email/resend/", EmailResendView.as_view(), name="email-resend"),
    path("auth/email/change/", EmailChangeView.as_view(), name="email-change"),
    path(
        "auth/email/change/confirm/",
        EmailChangeConfirmView.as_view(),
        name="email-change-confirm",
    ),
    path("users/me/sessions/", SessionsView.as_view(), name="sessions"),
    path("users/me/sessions/<str:pk>/", SessionView.as_view(), name="session"),
]
