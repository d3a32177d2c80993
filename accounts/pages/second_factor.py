"""The pages of the admin that ask for the second factor, and that set it up."""

import base64
import io
from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import RedirectURLMixin, redirect_to_login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.services.second_factor import (
    TooManyCodes,
    add_second_factor,
    check_code,
    confirm_authenticator,
    find_authenticator,
    has_second_factor,
    remove_second_factor,
    replace_recovery_codes,
    unconfirmed_authenticator,
)


class CodeForm(forms.Form):
    code = forms.CharField(
        max_length=32,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autofocus": True}
        ),
    )

    def __init__(self, check: Callable[[str], bool], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.check = check

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        try:
            right = self.check(code)
        except TooManyCodes as error:
            raise ValidationError(str(error), "too_many_codes") from error
        if not right:
            raise ValidationError("The code is wrong, or was used before.", "wrong")
        return code


@method_decorator(sensitive_post_parameters(), name="dispatch")
@method_decorator(never_cache, name="dispatch")
class StaffFormPage(FormView):
    """A form for staff who have given their password, and maybe no second factor."""

    form_class = CodeForm
    admin_site: Any = None
    title = "Second factor"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not self.admin_site.has_first_factor(request):
            return redirect_to_login(request.get_full_path(), reverse("admin:login"))
        self.device = find_authenticator(request.user)
        return self.redirect_elsewhere() or super().dispatch(request, *args, **kwargs)

    def redirect_elsewhere(self) -> HttpResponseBase | None:
        """Return a redirect to the page that is due before or instead of this one."""
        raise NotImplementedError

    def get_form_kwargs(self) -> dict[str, Any]:
        check = check_code if self.device else confirm_authenticator
        return {**super().get_form_kwargs(), "check": partial(check, self.request)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = {**self.admin_site.each_context(self.request), "title": self.title}
        # Without the second factor there is nothing to navigate to.
        context["is_nav_sidebar_enabled"] = context["has_permission"]
        return super().get_context_data(**context, **kwargs)


class CodePage(RedirectURLMixin, StaffFormPage):
    """Asks for a code, then goes where the session was bound for."""

    template_name = "accounts/second_factor/code.html"
    next_page = "admin:index"

    def redirect_elsewhere(self) -> HttpResponseBase | None:
        if has_second_factor(self.request):
            return redirect(self.get_success_url())
        if self.device is None:
            return redirect("admin:second-factor-setup")
        return None

    def form_valid(self, form: CodeForm) -> HttpResponse:
        add_second_factor(self.request)
        return super().form_valid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        following = {REDIRECT_FIELD_NAME: self.get_redirect_url()}
        return super().get_context_data(**kwargs) | following


class SetUpPage(StaffFormPage):
    """Sets the second factor up, removes it, and makes new recovery codes."""

    def redirect_elsewhere(self) -> HttpResponseBase | None:
        if self.device and not has_second_factor(self.request):
            return redirect_to_login(self.request.path, reverse("admin:second-factor"))
        return None

    def get_template_names(self) -> list[str]:
        return [f"accounts/second_factor/{'manage' if self.device else 'set_up'}.html"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if self.device is None:
            device = unconfirmed_authenticator(self.request.user)
            context |= {"qr_code": _qr_code(device), "secret": _secret(device)}
        return context

    def form_valid(self, form: CodeForm) -> HttpResponse:
        if self.device and "remove" in self.request.POST:
            remove_second_factor(self.request.user)
            messages.success(self.request, "The second factor was removed.")
            return redirect("admin:second-factor-setup")
        if self.device is None:
            add_second_factor(self.request)
        codes = replace_recovery_codes(self.request.user)
        context = self.get_context_data(codes=codes)
        # They are shown this once, so there is no redirect.
        return self.response_class(
            self.request, "accounts/second_factor/recovery_codes.html", context
        )


def _secret(device: TOTPDevice) -> str:
    """Return the secret in groups of four letters, to be typed."""
    text = base64.b32encode(device.bin_key).decode()
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def _qr_code(device: TOTPDevice) -> str:
    """Return the QR code of the authenticator's URL as a `data:` URL."""
    # Imported here because it loads fonts and XML, which no other request needs.
    import qrcode
    from qrcode.image.svg import SvgPathFillImage

    picture = io.BytesIO()
    image = qrcode.make(device.config_url, image_factory=SvgPathFillImage)
    image.save(picture)
    return f"data:image/svg+xml;base64,{base64.b64encode(picture.getvalue()).decode()}"
