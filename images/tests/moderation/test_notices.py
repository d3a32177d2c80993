"""Contents of the mails to owners about decisions."""

from datetime import timedelta

import pytest
from django.core import mail as django_mail
from django.utils import timezone

from accounts.models import User
from images.models import RESEMBLES_REMOVED, Image, OwnerNotice, Report, Violation
from images.moderation import decisions, notices
from images.moderation.decisions import delete_image
from images.moderation.reports import report_image
from images.tests.moderation.notice_mails import take_down, the_mail

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("named_site"),
]
State = OwnerNotice.State


def test_take_down__has_all_parts_of_a_statement_of_reasons(image, moderator):
    take_down(image, moderator, note="Three adverts in a day.")
    mail = the_mail()
    decision = OwnerNotice.objects.get().decision
    for part in (
        "Your image was taken down",
        # DSA, Article 17 (3) (a): the kind, the territory, the duration.
        f"Since {decision.created_at:%-d %B %Y, %H:%M} UTC nobody can see it, in any",
        "not undone within 30 days, it is deleted for good",
        # (b), (c): the facts, notice or own initiative, automated means.
        str(image.pk),
        "Nobody had reported it: we found it on our own initiative.",
        "A person has made this decision.",
        # (e): the contractual ground, and why.
        "Reason: Spam. Advertising and mass postings are not allowed.",
        "It is against the rules of Pictures (https://example.com/terms).",
        "The moderator says: Three adverts in a day.",
        # (f): redress.
        "objections@example.com",
        "You can object within six months, free of charge.",
        "You can also go to court.",
    ):
        assert part in mail
    assert OwnerNotice.objects.get().state == State.SENT


def test_take_down__of_something_illegal_names_the_law(image, moderator):
    take_down(image, moderator, legal_ground="Section 97 UrhG")
    mail = the_mail()
    assert "In our view it is illegal: Section 97 UrhG" in mail
    assert "against the rules" not in mail


def test_mails__are_answered_to_the_contact(image, moderator, mailoutbox, settings):
    take_down(image, moderator)
    notices.tell_owners_soon()
    assert mailoutbox[0].reply_to == ["objections@example.com"]
    settings.MODERATION_CONTACT = "https://example.com/objections"
    image.refresh_from_db()
    decisions.restore_image(image=image.pk, by=moderator, seen=image.decision_count)
    notices.tell_owners_soon()
    assert mailoutbox[1].reply_to == []


def test_mails__name_no_reporter_and_no_moderator(image, moderator, make_user):
    User.objects.filter(pk=moderator.pk).update(display_name="Mo the moderator")
    moderator.refresh_from_db()
    reporter = make_user("rita@example.com", display_name="Rita the reporter")
    details = "She lives next door to me."
    report_image(image=image, by=reporter, reason="spam", details=details)
    take_down(image, moderator)
    mail = the_mail()
    assert "People have reported it." in mail
    assert "own initiative" not in mail
    for secret in ("Rita", "rita@", str(reporter.pk), "next door", "Mo the", "moder@"):
        assert secret not in mail


def test_mails__say_when_a_program_found_the_picture(image, moderator):
    Report.objects.create(image=image, reason=RESEMBLES_REMOVED)
    take_down(image, moderator)
    mail = the_mail()
    assert "A program has found that it resembles" in mail
    assert "People have reported" not in mail


def test_captions__are_for_verified_emails_only(image, moderator, user):
    """Anybody could have signed up with this email, and mailed a text to it."""
    take_down(image, moderator)
    assert "sea" not in the_mail()
    User.objects.filter(pk=user.pk).update(email_verified=True)
    image.refresh_from_db()
    decisions.restore_image(image=image.pk, by=moderator, seen=image.decision_count)
    assert "By the <sea>" in the_mail()


def test_deletion__by_staff_is_told_with_its_reasons(image, moderator, make_user):
    rita = make_user("rita@example.com")
    report_image(image=image, by=rita, reason="spam")
    words = {"reason": Violation.SPAM, "note": "Three adverts.", "seen": 0}
    delete_image(image=image.pk, by=moderator, **words)
    mail = the_mail()
    for part in (
        "Your image was deleted",
        f"Image {image.pk}",
        "it is gone for good, in every country",
        "Three adverts.",
        "People have reported it.",
        "objections@example.com",
    ):
        assert part in mail


def test_deletion__without_a_mail_tells_nobody(image, moderator):
    take_down(image, moderator)
    words = {"reason": Violation.SPAM, "seen": 1, "tell_owner": False}
    delete_image(image=image.pk, by=moderator, **words)
    notices.tell_owners_soon()
    assert django_mail.outbox == []


def test_hide__is_told_as_a_program_has_done_it(image, make_user, moderator, settings):
    settings.AUTO_HIDE_AFTER_REPORTS = 1
    long_ago = timezone.now() - timedelta(days=9)
    fields = {"email_verified": True, "date_joined": long_ago}
    reporter = make_user("rita@example.com", **fields)
    Image.objects.filter(pk=image.pk).update(visibility="public")
    report_image(image=image, by=reporter, reason="spam")
    mail = the_mail()
    assert "Your image is hidden for now" in mail
    assert "A program has hidden it because of the number of reports." in mail
    assert "objections@example.com" in mail
    image.refresh_from_db()
    decisions.approve_image(image=image.pk, by=moderator, seen=image.decision_count)
    assert "Your image is visible again" in the_mail()


def test_approve__of_a_visible_image_is_not_told(image, moderator):
    decisions.approve_image(image=image.pk, by=moderator, seen=0)
    assert not OwnerNotice.objects.exists()


def test_restore__is_told_with_its_note(image, moderator):
    take_down(image, moderator)
    the_mail()
    image.refresh_from_db()
    seen = image.decision_count
    decisions.restore_image(image=image.pk, by=moderator, seen=seen, note="Sorry.")
    mail = the_mail()
    assert "Your image is restored" in mail
    assert "Sorry." in mail
    assert "court" not in mail


def test_suspension__is_told_and_so_is_its_end(user, moderator):
    words = {"reason": Violation.HARASSMENT, "note": "Insults under many pictures."}
    decisions.suspend_user(user=user.pk, by=moderator, **words)
    mail = the_mail()
    for part in (
        "Your account is suspended",
        "you cannot sign in, and nobody can see your images, in any country",
        "Reason: Harassment. Nobody may be attacked or exposed.",
        "Insults under many pictures.",
        "objections@example.com",
    ):
        assert part in mail
    decisions.reinstate_user(user=user.pk, by=moderator)
    assert "Your account is no longer suspended" in the_mail()
