"""The template filter `as_html`, for texts of the OpenAPI document."""

from django import template

from mediabackend.api.markup import as_html

register = template.Library()
register.filter(as_html)
