"""Mails as plain text and as HTML, both made of the same words."""

from dataclasses import dataclass, field

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string


@dataclass(frozen=True)
class Section:
    """A part of a mail."""

    paragraphs: list[str]
    heading: str = ""
    items: list[str] = field(default_factory=list)


def read_paragraphs(template: str, **context: str) -> list[str]:
    """Fill in a template whose paragraphs are separated by empty lines."""
    text = render_to_string(template, {**context, "site_name": settings.SITE_NAME})
    return [paragraph.strip() for paragraph in text.split("\n\n")]


def compose_mail(
    subject: str, sections: list[Section], *, to: str, site: str, link: str = ""
) -> EmailMultiAlternatives:
    """Make a mail; `site` is the URL of the service.

    The paragraph that is the `link` can be clicked in the HTML. Other URLs cannot:
    people may have typed them.
    """
    subject = f"[{settings.SITE_NAME}] {subject}"
    words = {
        "subject": subject,
        "sections": sections,
        "link": link,
        "site": site,
        "site_name": settings.SITE_NAME,
    }
    text, html = (
        render_to_string(f"accounts/mail/layout.{suffix}", words)
        for suffix in ("txt", "html")
    )
    message = EmailMultiAlternatives(subject, text, to=[to])
    message.attach_alternative(html, "text/html")
    return message
