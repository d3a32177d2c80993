"""The markup of descriptions in the OpenAPI document, as HTML, also for templates."""

import re

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()

_MARKS = re.compile(
    r"`(?P<code>[^`]+)`|\*\*(?P<bold>[^*]+)\*\*|\[(?P<link>[^\]]+)\]\((?P<url>[^)\s]+)\)"
)


@register.filter
def as_html(text: str) -> SafeString:
    """Return paragraphs with `code`, **bold** and [links](url); all else is text."""
    paragraphs = re.split(r"\n\s*\n", text.strip())
    return format_html_join("", "<p>{}</p>", ((_inline(one),) for one in paragraphs))


def _inline(text: str) -> SafeString:
    pieces: list[str] = []
    end = 0
    for mark in _MARKS.finditer(text):
        pieces += (text[end : mark.start()], _marked(mark))
        end = mark.end()
    return format_html_join("", "{}", ((one,) for one in [*pieces, text[end:]]))


def _marked(mark: re.Match[str]) -> SafeString:
    if mark["code"]:
        return format_html("<code>{}</code>", mark["code"])
    if mark["bold"]:
        return format_html("<b>{}</b>", mark["bold"])
    return format_html('<a href="{}">{}</a>', mark["url"], mark["link"])
