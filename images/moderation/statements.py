"""Texts of the mails that tell owners of decisions.

A restriction has a statement of reasons as in Article 17 of the EU's Digital Services
Act; docs/moderation.md names the parts. Nothing in it names who has reported.
"""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.utils import dateformat, timezone

from accounts.models import User
from accounts.services.mail_layout import Section
from images.models import Action, Decision, Image, OwnerNotice, Violation

_RESTRICTIONS = {Action.TAKE_DOWN, Action.DELETE, Action.HIDE, Action.SUSPEND}
# The subject, about one image or many, and the first sentence.
_OPENINGS = {
    Action.TAKE_DOWN: (
        ("Your image was taken down", "{} of your images were taken down"),
        "A moderator has taken this down:",
    ),
    Action.DELETE: (
        ("Your image was deleted", "{} of your images were deleted"),
        "We have deleted this:",
    ),
    Action.HIDE: (
        ("Your image is hidden for now", "{} of your images are hidden for now"),
        "This is hidden until a moderator has looked at it:",
    ),
    Action.RESTORE: (
        ("Your image is restored", "{} of your images are restored"),
        "A moderator has restored this after it was taken down:",
    ),
    Action.APPROVE: (
        ("Your image is visible again", "{} of your images are visible again"),
        "A moderator has looked at this after it was hidden, and has let it stay:",
    ),
    Action.SUSPEND: (
        ("Your account is suspended",) * 2,
        "A moderator has suspended your account.",
    ),
    Action.REINSTATE: (
        ("Your account is no longer suspended",) * 2,
        "A moderator has ended the suspension of your account.",
    ),
}
_RULES = {
    Violation.SPAM: "Advertising and mass postings are not allowed.",
    Violation.NUDITY: "Nudity and sexual acts are not allowed.",
    Violation.VIOLENCE: "Violence must not be shown or glorified.",
    Violation.HARASSMENT: "Nobody may be attacked or exposed.",
    Violation.COPYRIGHT: "Pictures may be used only with the consent of those who hold "
    "the rights.",
}


def write_statement(
    notices: list[OwnerNotice], owner: User
) -> tuple[str, list[Section]]:
    """Return the subject and the text of a mail.

    It is about decisions of the same kind with the same words.
    """
    first = notices[0]
    decision = first.decision
    action = Action(decision.action)
    subjects, opening = _OPENINGS[action]
    subject = subjects[0] if len(notices) == 1 else subjects[1].format(len(notices))
    images = [notice.decision.image_id for notice in notices]
    known = [key for key in images if key]
    sections = [
        Section([opening], items=_describe(known, owner)),
        Section([_effect(decision)], "What this means"),
    ]
    if action in _RESTRICTIONS:
        sections += [
            Section(list(_grounds(decision)), "Why"),
            Section(list(_facts(first)), "How we learned of it"),
            Section(list(_redress()), "If you disagree"),
        ]
    elif decision.note:
        sections.append(Section([decision.note], "From the moderator"))
    return subject, sections


def _describe(keys: list[UUID], owner: User) -> list[str]:
    """Return a line for each image.

    Captions are for verified emails only: to others anybody could have sent one.
    """
    images = Image.objects.in_bulk(keys)
    lines = []
    for key in keys:
        line = f"Image {key}"
        if image := images.get(key):
            line += f", uploaded on {_time(image.created_at)}"
            if image.caption and owner.email_verified:
                line += f": “{image.caption}”"
        lines.append(line)
    return lines


def _effect(decision: Decision) -> str:
    """Return the kind of the decision, its territory and its duration."""
    since = f"Since {_time(decision.created_at)}"
    days = settings.QUARANTINE_DAYS
    return {
        Action.TAKE_DOWN: f"{since} nobody can see it, in any country. If the decision "
        f"is not undone within {days} days, it is deleted for good.",
        Action.DELETE: f"{since} it is gone for good, in every country.",
        Action.HIDE: f"{since} nobody but you can see it, in any country. This lasts "
        "until a moderator has decided; you will get another mail then.",
        Action.RESTORE: "It is visible again as it was before. Its URL may be another "
        "one.",
        Action.APPROVE: "It is visible again as it was before.",
        Action.SUSPEND: f"{since} you cannot sign in, and nobody can see your images, "
        "in any country. This has no fixed end: it lasts until a moderator ends it.",
        Action.REINSTATE: "You can sign in again, and your images are visible as they "
        "were before.",
    }[Action(decision.action)]


def _grounds(decision: Decision) -> Iterator[str]:
    """Return the legal or contractual ground, and its explanation."""
    terms = settings.MODERATION_TERMS
    rules = f"the rules of {settings.SITE_NAME}" + (f" ({terms})" if terms else "")
    if decision.action == Action.HIDE:
        yield f"By {rules}, what many people report is hidden until it is looked at."
        return
    reason = Violation(decision.reason)
    rule = _RULES.get(reason, "")
    yield f"Reason: {reason.label}. {rule}".rstrip()
    if decision.legal_ground:
        yield f"In our view it is illegal: {decision.legal_ground}"
    else:
        yield f"It is against {rules}."
    if decision.note:
        yield f"The moderator says: {decision.note}"


def _facts(notice: OwnerNotice) -> Iterator[str]:
    """Return what led to the decision, and the part of automated means in it."""
    is_about_user = notice.decision.image_id is None
    if notice.was_reported:
        what = "images of yours" if is_about_user else "it"
        yield f"People have reported {what}."
    if notice.was_compared:
        yield "A program has found that it resembles a picture that was taken down."
    if not (notice.was_reported or notice.was_compared):
        yield "Nobody had reported it: we found it on our own initiative."
    if notice.decision.action == Action.HIDE:
        yield "A program has hidden it because of the number of reports."
    else:
        yield "A person has made this decision."


def _redress() -> Iterator[str]:
    """Return whom to ask, and the means of redress."""
    contact = settings.MODERATION_CONTACT
    if contact:
        yield f"Tell us: {contact}"
    if settings.MODERATION_REDRESS:
        yield settings.MODERATION_REDRESS
    yield "You can also go to court."


def _time(moment: datetime) -> str:
    return dateformat.format(timezone.localtime(moment), "j F Y, H:i T")
