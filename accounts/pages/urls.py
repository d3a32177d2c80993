"""Routes of the pages, below /accounts/."""

from collections.abc import Callable

from django.http import HttpResponseBase
from django.urls import path
from django.views.generic import TemplateView

from accounts.pages.account import AccountPage, EndAllSessions, EndSession
from accounts.pages.views import (
    ConfirmEmailPage,
    ResetPasswordPage,
    ResetRequestPage,
    SignUpPage,
    VerifyEmailPage,
)


def _message(title: str, text: str) -> Callable[..., HttpResponseBase]:
    return TemplateView.as_view(
        template_name="accounts/message.html",
        extra_context={"title": title, "text": text},
    )


_link = "<str:uidb64>/<str:token>/"
urlpatterns = [
    path("", AccountPage.as_view(), name="account"),
    path("sessions/<uuid:pk>/end/", EndSession.as_view(), name="end-session"),
    path("sessions/end/", EndAllSessions.as_view(), name="end-all-sessions"),
    path(
        "signed-out/",
        _message("You are signed out", "All your sign-ins have ended."),
        name="signed-out",
    ),
    path("reset/", ResetRequestPage.as_view(), name="ask-for-reset"),
    path(
        "reset/sent/",
        _message(
            "Check your e-mail",
            "If this e-mail address has an account, we have sent a mail to it.",
        ),
        name="reset-requested",
    ),
    path(
        "reset/done/",
        _message("Your password was changed", "Sign in with your new password."),
        name="password-was-set",
    ),
    path(
        "email/done/",
        _message("Thank you", "Your e-mail address is confirmed."),
        name="email-was-confirmed",
    ),
    path(
        "sign-up/done/",
        _message(
            "Thank you",
            "You can sign in now. If you cannot, look for a mail from us.",
        ),
        name="signed-up",
    ),
    path("sign-up/<str:token>/", SignUpPage.as_view(), name="sign-up"),
    path(f"reset/{_link}", ResetPasswordPage.as_view(), name="reset-password"),
    path(f"verify/{_link}", VerifyEmailPage.as_view(), name="verify-email"),
    path(f"email/{_link}", ConfirmEmailPage.as_view(), name="confirm-email"),
]
