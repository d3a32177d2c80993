"""Mails to owners about decisions: their contents, and that none is lost."""

from datetime import timedelta

import pytest
from django.core import mail as django_mail
from django.core.mail.backends.base import BaseEmailBackend
from django.core.management import call_command
from django.test import override_settings
from django.utils import timezone

from accounts.models import User
from accounts.tests.mail_backends import mails_through
from images.models import Image, OwnerNotice, Report, ReportReason, Violation
from images.moderation import decisions, notices
from images.moderation.decisions import delete_image
from images.moderation.reports import report_image

pytestmark = pytest.mark.django_db(transaction=True)
State = OwnerNotice.State


class BrokenBackend(BaseEmailBackend):
    def send_messages(self, messages):
        raise ConnectionRefusedError("mail.example.com")


@pytest.fixture(autouse=True)
def configured(settings):
    settings.SITE_NAME = "Pictures"
    settings.SITE_URL = "https://media.example.com"
    settings.MODERATION_CONTACT = "objections@example.com"
    settings.MODERATION_REDRESS = "You can object within six months, free of charge."
    settings.MODERATION_TERMS = "https://example.com/terms"


@pytest.fixture
def image(stored_image) -> Image:
    return stored_image(caption="By the <sea>")


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
    Report.objects.create(image=image, reason=ReportReason.RESEMBLES_REMOVED)
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


def test_undoing__before_the_mail_was_sent_tells_only_the_end(image, moderator):
    take_down(image, moderator)
    image.refresh_from_db()
    decisions.restore_image(image=image.pk, by=moderator, seen=image.decision_count)
    assert "Your image is restored" in the_mail()
    states = OwnerNotice.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == [State.REPLACED, State.SENT]


def test_undoing__a_suspension_before_its_mail_tells_only_the_end(user, moderator):
    decisions.suspend_user(user=user.pk, by=moderator, reason=Violation.SPAM)
    decisions.reinstate_user(user=user.pk, by=moderator, tell_owner=False)
    notices.tell_owners_soon()
    assert django_mail.outbox == []


def test_many__decisions_with_the_same_words_are_one_mail(
    stored_image, moderator, user, stranger
):
    mine = [stored_image() for _ in range(3)]
    for image in (*mine, stored_image(owner=stranger)):
        take_down(image, moderator)
    notices.tell_owners_soon()
    by_owner = {mail.to[0]: mail for mail in django_mail.outbox}
    assert len(django_mail.outbox) == 2
    mail = by_owner[user.email]
    assert mail.subject == "[Pictures] 3 of your images were taken down"
    assert all(str(image.pk) in mail.body for image in mine)


def test_mail__to_a_deleted_account_is_dropped(image, moderator, user):
    take_down(image, moderator)
    user.delete()
    notices.tell_owners_soon()
    assert django_mail.outbox == []
    assert OwnerNotice.objects.get().state == State.GONE


def test_mail__about_an_image_that_was_deleted_is_sent(image, moderator):
    take_down(image, moderator)
    Image.objects.all().delete()
    assert f"Image {image.pk}" in the_mail()


def test_mail__that_fails_is_tried_again(image, moderator, caplog):
    take_down(image, moderator)
    with override_settings(**mails_through(f"{__name__}.BrokenBackend")):
        notices.tell_owners_soon()
    notice = OwnerNotice.objects.get()
    assert (notice.state, notice.attempts) == (State.WAITING, 1)
    assert "ConnectionRefusedError: mail.example.com" in notice.last_error
    assert "will be tried again" in caplog.text
    # Not before a minute has gone.
    assert notices.tell_owners(5) == 0
    OwnerNotice.objects.update(due_at=timezone.now())
    assert "Your image was taken down" in the_mail()


def test_mail__that_fails_for_days_is_given_up(image, moderator, caplog):
    take_down(image, moderator)
    OwnerNotice.objects.update(attempts=19)
    with override_settings(**mails_through(f"{__name__}.BrokenBackend")):
        notices.tell_owners_soon()
    assert OwnerNotice.objects.get().state == State.FAILED
    assert "was given up" in caplog.text
    call_command("tell_owners")
    assert django_mail.outbox == []
    call_command("tell_owners", failed=True)
    assert "Your image was taken down" in the_mail()


def test_process__that_dies_leaves_the_mail_to_another(image, moderator, monkeypatch):
    class Killed(BaseException):
        pass

    def die(*args):
        raise Killed

    take_down(image, moderator)
    with monkeypatch.context() as patch:
        patch.setattr(notices, "_send", die)
        with pytest.raises(Killed):
            notices.tell_owners(1)
    assert notices.tell_owners(1) == 0
    OwnerNotice.objects.update(due_at=timezone.now())
    assert "Your image was taken down" in the_mail()


def test_decision__that_is_rolled_back_tells_nobody(image, moderator, monkeypatch):
    from images.moderation import decisions as module

    monkeypatch.setattr(module, "write_image", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        take_down(image, moderator)
    assert not OwnerNotice.objects.exists()
    assert not Report.objects.exists()


def test_queue__holds_no_words(image, moderator, settings):
    from django_tasks_db.models import DBTaskResult

    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    take_down(image, moderator, note="Private words.")
    notices.tell_owners_soon()
    kinds = DBTaskResult.objects.values_list("task_path", "args_kwargs")
    path = "images.moderation.notices.tell_owners_in_background"
    assert (path, {"args": [], "kwargs": {}}) in list(kinds)
    assert "Private" not in str(list(kinds))
    assert django_mail.outbox == []
