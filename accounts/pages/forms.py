"""Forms of the pages for links in mails."""

from typing import Any

from django import forms
from django.contrib.auth.forms import SetPasswordForm
from django.core.validators import MaxLengthValidator

from accounts.email_field import MAX_EMAIL_LENGTH, AccountEmailFormField
from accounts.models import Invitation, User
from accounts.services.credentials import MAX_PASSWORD_LENGTH
from mediabackend.api.text import TextFormField


class NewPasswordForm(SetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        limit = MaxLengthValidator(MAX_PASSWORD_LENGTH)
        self.fields["new_password1"].validators.append(limit)

    def validate_password_for_user(self, user: Any, *args: Any, **kwargs: Any) -> None:
        # Django shows what is wrong with the password at the second field.
        super().validate_password_for_user(user, "new_password1")


class ButtonForm(forms.Form):
    """A form with only a button."""

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


class EmailForm(forms.Form):
    email = AccountEmailFormField(
        label="E-mail address",
        max_length=MAX_EMAIL_LENGTH,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class SignUpForm(NewPasswordForm, EmailForm):
    """The fields of an account for somebody with an invitation."""

    display_name = TextFormField(
        label="Name",
        max_length=User._meta.get_field("display_name").max_length,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    field_order = ("email", "display_name", "new_password1", "new_password2")

    def __init__(self, invitation: Invitation, *args: Any, **kwargs: Any) -> None:
        super().__init__(User(), *args, **kwargs)
        self.fields["new_password1"].label = "Password"
        self.fields["new_password2"].label = "Password again"
        if invitation.email:
            self.fields["email"].initial = invitation.email
            self.fields["email"].disabled = True

    def clean(self) -> Any:
        # The password is compared with these.
        self.user.email = self.cleaned_data.get("email", "")
        self.user.display_name = self.cleaned_data.get("display_name", "")
        return super().clean()
