"""Forms of the pages for links in mails."""

from typing import Any

from django import forms
from django.contrib.auth.forms import SetPasswordForm
from django.core.validators import MaxLengthValidator

from accounts.email_field import MAX_EMAIL_LENGTH, AccountEmailFormField
from accounts.models import User
from accounts.services.passwords import MAX_PASSWORD_LENGTH


class NewPasswordForm(SetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        limit = MaxLengthValidator(MAX_PASSWORD_LENGTH)
        self.fields["new_password1"].validators.append(limit)


class ButtonForm(forms.Form):
    """A form with only a button."""

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


class ResetRequestForm(forms.Form):
    email = AccountEmailFormField(
        label="E-mail address",
        max_length=MAX_EMAIL_LENGTH,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
