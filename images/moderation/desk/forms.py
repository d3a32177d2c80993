"""Forms of the moderators' pages, and the prepared notes to owners."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms

from accounts.models import User
from images.models import REPORT_REASONS, Action, State, Violation
from images.moderation.desk.queue import QueueFilter, QueuePosition
from images.moderation.permissions import SEE_EMAILS
from mediabackend.api.text import LinesFormField, TextFormField

# The note that the owner reads unless the moderator writes another one.
NOTES = {
    Violation.SPAM: "Advertising and mass postings are not allowed here.",
    Violation.NUDITY: "The picture shows nudity or sexual acts.",
    Violation.VIOLENCE: "The picture shows or glorifies violence.",
    Violation.HARASSMENT: "The picture or its text attacks or exposes a person.",
    Violation.COPYRIGHT: "Somebody else holds the rights to this picture.",
    Violation.OTHER: "",
}
NEED_REASON = {Action.TAKE_DOWN, Action.SUSPEND, Action.DELETE}
_ANY = ("", "any")


class DecisionForm(forms.Form):
    """A decision on one or more images or users."""

    action = forms.TypedChoiceField(
        choices=[choice for choice in Action.choices if choice[0] != Action.HIDE],
        coerce=Action,
    )
    reason = forms.ChoiceField(choices=[("", "—"), *Violation.choices], required=False)
    note = LinesFormField(max_length=1000, required=False)
    legal_ground = TextFormField(max_length=200, required=False)
    no_mail = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("action") in NEED_REASON and not cleaned.get("reason"):
            self.add_error("reason", "Choose a reason.")
        is_unexplained = cleaned.get("reason") == Violation.OTHER and not (
            cleaned.get("note") or cleaned.get("no_mail")
        )
        if is_unexplained and cleaned.get("action") in NEED_REASON:
            self.add_error("note", "Write a note: the mail has to say why.")
        return cleaned


class ImageDecisionForm(DecisionForm):
    """A decision on an image that showed `seen` decisions and the file `file`."""

    seen = forms.IntegerField(min_value=0)
    file = forms.CharField(max_length=255, required=False)


class QueueForm(forms.Form):
    """The filters of the queue."""

    show = forms.ChoiceField(
        choices=[("", "reported first, then new"), ("sample", "a random sample")],
        required=False,
    )
    state = forms.ChoiceField(
        choices=[("", "to be reviewed"), *State.choices], required=False
    )
    reason = forms.ChoiceField(
        label="Reported as", choices=[_ANY, *REPORT_REASONS], required=False
    )
    days = forms.TypedChoiceField(
        label="Uploaded",
        choices=[
            ("", "at any time"),
            ("1", "in the last day"),
            ("7", "in the last week"),
            ("30", "in the last month"),
        ],
        coerce=int,
        empty_value=None,
        required=False,
    )
    owner = TextFormField(max_length=254, required=False)

    def __init__(self, data: Any, viewer: Any) -> None:
        self.sees_emails = viewer.has_perm(SEE_EMAILS)
        super().__init__(data)
        label = "Owner's id or email" if self.sees_emails else "Owner's id"
        self.fields["owner"].label = label

    def clean_owner(self) -> UUID | None:
        text = self.cleaned_data["owner"].strip()
        if not text:
            return None
        try:
            return UUID(text)
        except ValueError:
            pass
        if not self.sees_emails:
            raise forms.ValidationError("This is not the id of a user.")
        found = User.objects.filter(email__iexact=text).first()
        if found is None:
            raise forms.ValidationError("No user has this id or email.")
        return found.pk

    def queue_filter(self) -> QueueFilter:
        """Return the chosen filter; the form must be valid."""
        chosen = dict(self.cleaned_data)
        return QueueFilter(sample=chosen.pop("show") == "sample", **chosen)

    def query_string(self, after: QueuePosition | None = None) -> str:
        """Return the query string of the queue with these filters."""
        fields = {name: self.data.get(name, "") for name in self.fields}
        query = {name: value for name, value in fields.items() if value}
        if after:
            query["after"] = str(after)
        return urlencode(query)
