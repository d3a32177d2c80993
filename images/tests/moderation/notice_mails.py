"""Decisions of which owners are told, and the mails that tell them."""

from django.core import mail as django_mail

from accounts.models import User
from images.models import Image, Violation
from images.moderation import decisions, notices


def take_down(image: Image, moderator: User, **fields) -> None:
    fields = {"seen": image.decision_count, "reason": Violation.SPAM, **fields}
    decisions.take_down_image(image=image.pk, by=moderator, **fields)


def the_mail() -> str:
    """Return the one mail as text, after a comparison with its HTML."""
    notices.tell_owners_soon()
    (mail,) = django_mail.outbox
    django_mail.outbox.clear()
    html = mail.alternatives[0].content
    for line in filter(None, mail.body.splitlines()):
        wanted = line.removeprefix("- ").strip()
        if wanted.isupper():
            wanted = wanted.capitalize()
        if wanted != "--":
            for sign, escaped in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
                wanted = wanted.replace(sign, escaped)
            assert wanted in html
    return f"{mail.subject}\n{mail.body}"
