"""What moderators type and choose, and the prepared notes to owners."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms

from accounts.models import User
from images.models import Action, ReportReason, State, Violation
from images.moderation.desk.queue import Choice, Place
from images.moderation.rights import SEE_ADDRESSES
from mediabackend.api.text import LinesFormField, TextFormField

# What the owner reads unless the moderator writes something else.
NOTES = {
    Violation.SPAM: "Adverts and mass postings are not wanted here.",
    Violation.NUDITY: "The picture shows nudity or sexual acts.",
    Violation.VIOLENCE: "The picture shows or praises violence.",
    Violation.HARASSMENT: "The picture or its text attacks or exposes somebody.",
    Violation.COPYRIGHT: "Somebody else holds the rights to this picture.",
    Violation.OTHER: "",
}
# Without a reason these would be arbitrary.
_NEED_REASON = {Action.TAKE_DOWN, Action.SUSPEND}
_ANY = ("", "any")


class DecisionForm(forms.Form):
    """A decision on one image or user, or on several."""

    action = forms.ChoiceField(
        choices=[choice for choice in Action.choices if choice[0] != Action.HIDE]
    )
    reason = forms.ChoiceField(choices=[("", "—"), *Violation.choices], required=False)
    note = LinesFormField(max_length=1000, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("action") in _NEED_REASON and not cleaned.get("reason"):
            self.add_error("reason", "Choose a reason.")
        return cleaned


class ImageDecisionForm(DecisionForm):
    """A decision on an image that had `seen` decisions, and `file`, when shown."""

    seen = forms.IntegerField(min_value=0)
    file = forms.CharField(max_length=255, required=False)


class QueueForm(forms.Form):
    """Which images come up at the desk."""

    show = forms.ChoiceField(
        choices=[("", "reported, then new"), ("sample", "random sample")],
        required=False,
    )
    state = forms.ChoiceField(
        choices=[("", "to be reviewed"), *State.choices], required=False
    )
    reason = forms.ChoiceField(
        label="Reported as", choices=[_ANY, *ReportReason.choices], required=False
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
        self.sees_addresses = viewer.has_perm(SEE_ADDRESSES)
        super().__init__(data)
        label = "Owner's id or e-mail" if self.sees_addresses else "Owner's id"
        self.fields["owner"].label = label

    def clean_owner(self) -> UUID | None:
        text = self.cleaned_data["owner"].strip()
        if not text:
            return None
        try:
            return UUID(text)
        except ValueError:
            pass
        if not self.sees_addresses:
            raise forms.ValidationError("This is no id of a user.")
        found = User.objects.filter(email__iexact=text).first()
        if found is None:
            raise forms.ValidationError("Nobody has this id or address.")
        return found.pk

    def choice(self) -> Choice:
        """Return what was chosen; call it once the form is valid."""
        chosen = dict(self.cleaned_data)
        return Choice(sample=chosen.pop("show") == "sample", **chosen)

    def query(self, after: Place | None = None) -> str:
        """Return the query string of the queue with these filters."""
        fields = {name: self.data.get(name, "") for name in self.fields}
        query = {name: value for name, value in fields.items() if value}
        if after:
            query["after"] = str(after)
        return urlencode(query)
