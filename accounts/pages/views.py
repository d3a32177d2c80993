"""The pages for links in mails when there is no front end.

They work without JavaScript. Opening a link changes nothing, because mail scanners open
links too; the button on the page does. The token is moved from the URL into the
session, so that neither the history nor a referrer contains it.
"""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.views import (
    INTERNAL_RESET_SESSION_TOKEN,
    PasswordResetConfirmView,
)
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView

from accounts.models import User
from accounts.pages.forms import ButtonForm, EmailForm, NewPasswordForm, SignUpForm
from accounts.services.credentials import (
    EmailTaken,
    change_email,
    reset_password,
    verify_email,
)
from accounts.services.invitations import InvalidInvitation, find_invitation
from accounts.services.mails import enqueue_mail, mail_password_reset
from accounts.services.one_time_links import (
    InvalidLink,
    email_change_tokens,
    find_user,
    password_reset_tokens,
    verification_tokens,
)
from accounts.services.sign_up import SignupClosed, check_signup_open, sign_up_user

_INVITATION = "_invitation"
# Takes the place of the token in the URL.
_IN_SESSION = "now"


@method_decorator(never_cache, name="dispatch")
class ResetRequestPage(FormView):
    """Asks for a mail. The answer does not tell whether there is an account."""

    template_name = "accounts/ask_for_reset.html"
    form_class = EmailForm
    success_url = reverse_lazy("reset-requested")

    def form_valid(self, form: EmailForm) -> HttpResponse:
        enqueue_mail(mail_password_reset, self.request, form.cleaned_data["email"])
        return super().form_valid(form)


class LinkPage(PasswordResetConfirmView):
    """The page of a link in a mail: a form, or a message that it does not work.

    `use_link` gets the link's parts and the fields of the form, and carries out the
    link's purpose; it raises InvalidLink or EmailTaken.
    """

    template_name = "accounts/link.html"
    form_class: Any = ButtonForm
    reset_url_token = _IN_SESSION
    use_link: Callable[..., None]

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
            self.use_link(uid=self.kwargs["uidb64"], token=token, **form.cleaned_data)
        except (InvalidLink, EmailTaken):
            # Used, or the e-mail taken, since the form was checked.
            self.validlink = False
            return self.render_to_response(self.get_context_data())
        return redirect(str(self.success_url))


class ResetPasswordPage(LinkPage):
    form_class = NewPasswordForm
    token_generator = password_reset_tokens
    extra_context = {"heading": "Set a new password", "button": "Set the password"}
    success_url = reverse_lazy("password-was-set")

    def use_link(self, new_password1: str, new_password2: str, **link: str) -> None:
        reset_password(new_password=new_password1, **link)


class VerifyEmailPage(LinkPage):
    token_generator = verification_tokens
    extra_context = {"heading": "Confirm your e-mail address", "button": "Confirm"}
    success_url = reverse_lazy("email-was-confirmed")
    use_link = staticmethod(verify_email)


class ConfirmEmailPage(LinkPage):
    token_generator: Any = email_change_tokens
    extra_context = {"heading": "Confirm your new e-mail address", "button": "Confirm"}
    success_url = reverse_lazy("email-was-confirmed")
    use_link = staticmethod(change_email)


@method_decorator(sensitive_post_parameters(), name="dispatch")
@method_decorator(never_cache, name="dispatch")
class SignUpPage(FormView):
    """Moves the token into the session, then asks for the fields of an account."""

    template_name = "accounts/sign_up.html"
    form_class = SignUpForm
    success_url = reverse_lazy("signed-up")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        in_url = kwargs["token"] != _IN_SESSION
        self.token = kwargs["token"] if in_url else request.session.get(_INVITATION, "")
        try:
            check_signup_open()
            self.invitation = find_invitation(self.token)
        except (SignupClosed, InvalidInvitation) as error:
            return self.refuse(error)
        if not in_url:
            return super().dispatch(request, *args, **kwargs)
        request.session[_INVITATION] = self.token
        response = redirect("sign-up", _IN_SESSION)
        # Not on the form itself; see `LinkPage`.
        response["Referrer-Policy"] = "no-referrer"
        return response

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "invitation": self.invitation}

    def form_valid(self, form: SignUpForm) -> HttpResponse:
        fields = form.cleaned_data
        try:
            sign_up_user(
                self.request,
                email=fields["email"],
                password=fields["new_password1"],
                display_name=fields["display_name"],
                invitation=self.token,
            )
        except InvalidInvitation as error:
            # Used since the form was checked.
            return self.refuse(error)
        except EmailTaken:
            form.add_error("email", "This e-mail address has an account already.")
            return self.form_invalid(form)
        return super().form_valid(form)

    def refuse(self, error: SignupClosed | InvalidInvitation) -> HttpResponse:
        closed = isinstance(error, SignupClosed)
        context = {"closed": closed, "refused": True}
        response = self.render_to_response(context, status=403 if closed else 400)
        response["Referrer-Policy"] = "no-referrer"
        return response
