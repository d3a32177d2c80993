"""The pages for links in mails when there is no front end.

They work without JavaScript. Opening a link changes nothing, because mail scanners open
links too; the button on the page does. Django's own view moves the token from the URL
into the session, so that neither the history nor a referrer contains it.
"""

from typing import Any

from django.contrib.auth.views import (
    INTERNAL_RESET_SESSION_TOKEN,
    PasswordResetConfirmView,
)
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import FormView, TemplateView

from accounts.models import User
from accounts.pages.forms import ButtonForm, NewPasswordForm, ResetRequestForm
from accounts.services.emails import EmailTaken, change_email, verify_email
from accounts.services.mails import enqueue_mail, mail_password_reset
from accounts.services.one_time_links import (
    InvalidLink,
    email_change_tokens,
    find_user,
    password_reset_tokens,
    verification_tokens,
)
from accounts.services.passwords import reset_password


@method_decorator(never_cache, name="dispatch")
class ResetRequestPage(FormView):
    """Asks for a mail. The answer does not tell whether there is an account."""

    template_name = "accounts/ask_for_reset.html"
    form_class = ResetRequestForm
    success_url = reverse_lazy("reset-requested")

    def form_valid(self, form: ResetRequestForm) -> HttpResponse:
        enqueue_mail(mail_password_reset, self.request, form.cleaned_data["email"])
        return super().form_valid(form)


class LinkPage(PasswordResetConfirmView):
    """The page of a link in a mail: a form, or a message that it does not work."""

    template_name = "accounts/link.html"
    form_class: Any = ButtonForm
    reset_url_token = "now"  # noqa: S105  (takes the place of the token in the URL)
    heading = button = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        response = super().dispatch(request, *args, **kwargs)
        if kwargs["token"] != self.reset_url_token:
            # Not on the form itself: browsers would post it with `Origin: null`
            # (Fetch, 3.2), which the CSRF check refuses.
            response["Referrer-Policy"] = "no-referrer"
        if response.status_code == 200 and not self.validlink:
            response.status_code = 400
        return response

    def get_user(self, uidb64: str) -> User | None:
        return find_user(uidb64)

    def form_valid(self, form: Any) -> HttpResponse:
        token = self.request.session.pop(INTERNAL_RESET_SESSION_TOKEN)
        try:
            self.use_link(self.kwargs["uidb64"], token, form)
        except (InvalidLink, EmailTaken):
            # Used, or the e-mail taken, since the form was checked.
            self.validlink = False
            return self.render_to_response(self.get_context_data())
        return HttpResponseRedirect(str(self.success_url))

    def use_link(self, uid: str, token: str, form: Any) -> None:
        """Carry out the link's purpose; raises InvalidLink or EmailTaken."""
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        words = {"heading": self.heading, "button": self.button}
        return super().get_context_data(**kwargs) | words


class ResetPasswordPage(LinkPage):
    form_class = NewPasswordForm
    token_generator = password_reset_tokens
    heading, button = "Set a new password", "Set the password"
    success_url = reverse_lazy("password-was-set")

    def use_link(self, uid: str, token: str, form: Any) -> None:
        new_password = form.cleaned_data["new_password1"]
        reset_password(uid=uid, token=token, new_password=new_password)


class VerifyEmailPage(LinkPage):
    token_generator = verification_tokens
    heading, button = "Confirm your e-mail address", "Confirm"
    success_url = reverse_lazy("email-was-confirmed")

    def use_link(self, uid: str, token: str, form: Any) -> None:
        verify_email(uid=uid, token=token)


class ConfirmEmailPage(LinkPage):
    token_generator: Any = email_change_tokens
    heading, button = "Confirm your new e-mail address", "Confirm"
    success_url = reverse_lazy("email-was-confirmed")

    def use_link(self, uid: str, token: str, form: Any) -> None:
        change_email(uid=uid, token=token)


class MessagePage(TemplateView):
    """A heading and a sentence."""

    template_name = "accounts/message.html"
