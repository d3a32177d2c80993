"""Django's Tasks API: built in from Django 6 on, a package before."""

import django

if django.VERSION >= (6, 0):
    from django.tasks import task
else:
    from django_tasks import task  # type: ignore[no-redef]

__all__ = ["task"]
