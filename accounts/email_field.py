"""The e-mail of an account: its one form, its checks, and its fields.

The domain is stored as DNS knows it, in the A-labels of IDNA 2008 (RFC 5891), and
written out only to be read. Django's own conversion is that of IDNA 2003, by which a
mail for `straße.de` goes to `strasse.de`, another domain with another owner.
"""

from typing import Any

import idna
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.db import models

# RFC 5321, section 4.5.3.1.3, less the angle brackets.
MAX_EMAIL_LENGTH = 254
# RFC 1035, section 2.3.4, as text.
_MAX_DOMAIN_LENGTH = 253
_INVALID = "Enter a valid e-mail address."
_check_syntax = EmailValidator(message=_INVALID)


def normalize_email(email: str | None) -> str:
    """Return the e-mail as it is stored and looked up: in lower case, with A-labels.

    RFC 5321 allows the part before the @ to depend on case. No provider in common use
    does that, so two e-mails that differ only in case belong to one person. An e-mail
    that no account can have is returned as it is.
    """
    text = (email or "").strip()
    try:
        return _encode(text)
    except UnicodeError:
        return text


def readable_email(email: str) -> str:
    """Return a stored e-mail with the letters of its domain, to be read by people."""
    local, at, domain = email.rpartition("@")
    if "xn--" not in domain:
        return email
    try:
        return f"{local}{at}{idna.decode(domain)}"
    except UnicodeError:
        return email


def validate_account_email(value: str) -> None:
    """Raise one ValidationError for an e-mail that no account can have."""
    if len(normalize_email(value)) > MAX_EMAIL_LENGTH:
        raise ValidationError("This e-mail address is too long.", "max_length")
    try:
        _check_syntax(_encode(value))
    except UnicodeError as error:
        raise ValidationError(_INVALID, "invalid") from error


def _encode(email: str) -> str:
    """Return the stored form of an e-mail; raises UnicodeError.

    Before the @ only ASCII is accepted: other letters can imitate somebody's e-mail.
    """
    local, at, domain = email.rpartition("@")
    local.encode("ascii")
    return f"{local.lower()}{at}{_encode_domain(domain)}"


def _encode_domain(domain: str) -> str:
    """Return the domain with A-labels; raises UnicodeError.

    Letters are mapped first, as browsers do it (UTS 46, non-transitional): full-width
    letters become plain ones, and soft hyphens disappear.
    """
    lower = domain.lower()
    if domain.isascii() and "xn--" not in lower:
        return lower
    if len(domain) > _MAX_DOMAIN_LENGTH:
        raise UnicodeError("The domain is too long.")
    # Both ways, so that each domain has one form only.
    labels = idna.decode(lower, uts46=True, std3_rules=True)
    return idna.encode(labels).decode("ascii")


class AccountEmailFormField(forms.EmailField):
    """An e-mail in a form: shown with the letters of its domain."""

    default_validators: list[Any] = []

    def to_python(self, value: Any) -> Any:
        email = super().to_python(value)
        if not email:
            return email
        validate_account_email(email)
        return normalize_email(email)

    def prepare_value(self, value: Any) -> Any:
        return readable_email(value) if isinstance(value, str) else value


class AccountEmailField(models.EmailField):
    """A column of e-mails, which are normalized in every write and every look-up."""

    @property
    def validators(self) -> list[Any]:
        # It checks the length too; with Django's there would be two errors.
        return [validate_account_email]

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return normalize_email(text) if isinstance(text, str) else text

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = self.to_python(super().pre_save(model_instance, add))
        setattr(model_instance, self.attname, value)
        return value

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        prepared = super().get_db_prep_save(value, connection)
        if isinstance(prepared, str):
            try:
                _encode(prepared)
            except UnicodeError as error:
                raise ValueError("No account can have this e-mail address.") from error
        return prepared

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": AccountEmailFormField, **kwargs})
