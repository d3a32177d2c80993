"""The page for links of invitations when there is no front end."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView

from accounts.pages.forms import SignUpForm
from accounts.services.emails import EmailTaken
from accounts.services.invitations import InvalidInvitation, find_invitation
from accounts.services.sign_up import SignupClosed, check_signup_open, sign_up_user

_SESSION_KEY = "_invitation"
# Takes the place of the token in the URL.
_IN_SESSION = "now"


@method_decorator(sensitive_post_parameters(), name="dispatch")
@method_decorator(never_cache, name="dispatch")
class SignUpPage(FormView):
    """Moves the token into the session, then asks for the fields of an account."""

    template_name = "accounts/sign_up.html"
    form_class = SignUpForm
    success_url = reverse_lazy("signed-up")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        in_url = kwargs["token"] != _IN_SESSION
        self.token = (
            kwargs["token"] if in_url else request.session.get(_SESSION_KEY, "")
        )
        try:
            check_signup_open()
            self.invitation = find_invitation(self.token)
        except (SignupClosed, InvalidInvitation) as error:
            return self.refuse(error)
        if not in_url:
            return super().dispatch(request, *args, **kwargs)
        request.session[_SESSION_KEY] = self.token
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
