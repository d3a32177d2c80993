"""Mails to owners from each form of the desk, and the box that leaves them out."""

import pytest

from images.models import Decision, Image, OwnerNotice, State, Violation
from images.moderation import decisions
from images.tests.moderation.desk.conftest import MANY, image_url, user_url

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.any_database,
]
USERS = "/admin/accounts/user/"
BOX = 'type="checkbox" name="no_mail"'
SPAM = {"reason": "spam", "note": "Adverts."}
SUBJECTS = {
    "take_down": "[mediabackend] Your image was taken down",
    "restore": "[mediabackend] Your image is restored",
    "approve": "[mediabackend] Your image is visible again",
    "suspend": "[mediabackend] Your account is suspended",
    "reinstate": "[mediabackend] Your account is no longer suspended",
}


@pytest.fixture
def target(stored_image, user, root, mailoutbox):
    """Return what the action can be done to."""

    def make(action: str):
        image = stored_image()
        who = {"by": root, "reason": Violation.SPAM, "tell_owner": False}
        if action == "restore":
            decisions.take_down_image(image=image.pk, seen=0, **who)
        if action == "approve":
            Image.objects.filter(pk=image.pk).update(state=State.HIDDEN)
        if action == "reinstate":
            decisions.suspend_user(user=user.pk, **who)
        image.refresh_from_db()
        return user if action in ("suspend", "reinstate") else image

    return make


@pytest.mark.parametrize("action", SUBJECTS)
def test_form__tells_the_owner(desk, decide, target, user, mailoutbox, action):
    found = target(action)
    page = user_url(found) if found == user else image_url(found)
    assert BOX in desk.get(page).content.decode()
    decide(found, action, **SPAM)
    (mail,) = mailoutbox
    assert (mail.to, mail.subject) == ([user.email], SUBJECTS[action])
    assert "Adverts." in mail.body


@pytest.mark.parametrize("action", SUBJECTS)
def test_form__with_the_box_ticked_tells_nobody(decide, target, mailoutbox, action):
    decide(target(action), action, no_mail="on", **SPAM)
    assert Decision.objects.filter(action=action).exists()
    assert mailoutbox == []
    assert not OwnerNotice.objects.exists()


@pytest.mark.parametrize("action", SUBJECTS)
@pytest.mark.parametrize("ticked", [True, False])
def test_bulk__tells_owners_unless_the_box_is_ticked(  # noqa: PLR0913
    browser_of, root, target, user, mailoutbox, action, ticked
):
    found = target(action)
    client = browser_of(root)
    url = USERS if found == user else "/admin/images/image/"
    body = {"action": f"{action}_selected", "_selected_action": [str(found.pk)]}
    page = client.post(url, body)
    assert BOX in page.content.decode()
    items = [str(item["value"]) for item in page.context["items"]]
    no_mail = {"no_mail": "on"} if ticked else {}
    client.post(MANY, {"action": action, "item": items, **SPAM, **no_mail})
    assert Decision.objects.filter(action=action).exists()
    subjects = [mail.subject for mail in mailoutbox]
    assert subjects == ([] if ticked else [SUBJECTS[action]])


def test_bulk__is_one_mail_for_each_owner(desk, stored_image, stranger, mailoutbox):
    images = [stored_image(), stored_image(), stored_image(owner=stranger)]
    items = [f"{image.pk}_0_{image.file.name}" for image in images]
    desk.post(MANY, {"action": "take_down", "item": items, **SPAM})
    assert sorted(mail.subject for mail in mailoutbox) == [
        "[mediabackend] 2 of your images were taken down",
        "[mediabackend] Your image was taken down",
    ]


def test_activation__by_an_administrator_is_told(browser_of, root, user, mailoutbox):
    decisions.suspend_user(
        user=user.pk, by=root, reason=Violation.SPAM, tell_owner=False
    )
    body = {"action": "activate", "_selected_action": [str(user.pk)]}
    browser_of(root).post(USERS, body)
    assert [mail.subject for mail in mailoutbox] == [SUBJECTS["reinstate"]]


@pytest.mark.parametrize("action", ["take_down", "suspend"])
def test_other_reason__needs_a_note_for_the_mail(decide, target, mailoutbox, action):
    found = target(action)
    response = decide(found, action, reason="other")
    assert response.status_code == 400
    assert "Write a note: the mail has to say why." in response.content.decode()
    assert decide(found, action, reason="other", no_mail="on").status_code == 302


def test_law__is_in_the_mail_and_in_the_log(desk, decide, target, mailoutbox):
    image = target("take_down")
    decide(image, "take_down", legal_ground="Section 97 UrhG", **SPAM)
    assert "illegal: Section 97 UrhG" in mailoutbox[0].body
    page = desk.get(f"/admin/images/decision/{Decision.objects.get().pk}/change/")
    text = page.content.decode()
    assert "Section 97 UrhG" in text
    assert "Sent, 20" in text


def test_law__and_box_survive_a_form_that_was_refused(decide, target):
    for action in ("take_down", "suspend"):
        fields = {"legal_ground": "Section 97", "no_mail": "on"}
        page = decide(target(action), action, reason="", **fields).content.decode()
        assert 'value="Section 97"' in page
        assert f"{BOX} checked" in page


def test_decision__shows_when_it_was_not_mailed(desk, decide, target):
    decide(target("take_down"), "take_down", no_mail="on", **SPAM)
    page = desk.get(f"/admin/images/decision/{Decision.objects.get().pk}/change/")
    assert "Mail to the owner" in page.content.decode()
    assert '<div class="readonly">None</div>' in page.content.decode()
