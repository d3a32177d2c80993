import pytest

from accounts.checks import check_cache, check_mail, check_second_factor

SMTP = "django.core.mail.backends.smtp.EmailBackend"
CONSOLE = "django.core.mail.backends.console.EmailBackend"
GOOD = {
    "MAILERS": {"default": {"BACKEND": SMTP}},
    "DEFAULT_FROM_EMAIL": "Media <noreply@example.com>",
    "TASKS_BACKEND": "database",
    "ALLOWED_HOSTS": ["media.example.com"],
    "FRONTEND_URL": "",
    "SITE_URL": "https://media.example.com",
}


@pytest.mark.parametrize(
    ("change", "ids"),
    [
        ({}, []),
        ({"TASKS_BACKEND": "immediate"}, ["accounts.W001"]),
        ({"MAILERS": {"default": {"BACKEND": CONSOLE}}}, ["accounts.W002"]),
        ({"DEFAULT_FROM_EMAIL": "mediabackend@localhost"}, ["accounts.W006"]),
        ({"DEFAULT_FROM_EMAIL": "Media <media@localhost>"}, ["accounts.W006"]),
        ({"DEFAULT_FROM_EMAIL": ""}, ["accounts.W006"]),
        ({"SITE_URL": ""}, ["accounts.E001"]),
        ({"SITE_URL": "", "FRONTEND_URL": "https://app.example.com"}, []),
    ],
)
def test_mail__is_checked(settings, change, ids):
    for name, value in {**GOOD, **change}.items():
        setattr(settings, name, value)
    found = list(check_mail())
    assert [message.id for message in found] == ids
    assert all(message.hint for message in found)


@pytest.mark.parametrize(
    ("backend", "processes", "ids"),
    [
        ("locmem.LocMemCache", 2, ["accounts.W004"]),
        ("locmem.LocMemCache", 1, []),
        ("redis.RedisCache", 2, []),
    ],
)
def test_cache__is_checked(settings, backend, processes, ids):
    settings.WEB_CONCURRENCY = processes
    backend = f"django.core.cache.backends.{backend}"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": "redis://x"}}
    found = list(check_cache())
    assert [message.id for message in found] == ids
    assert all(message.hint for message in found)


@pytest.mark.parametrize(("required", "ids"), [(False, ["accounts.W005"]), (True, [])])
def test_second_factor__is_checked(settings, required, ids):
    settings.ADMIN_REQUIRE_OTP = required
    found = list(check_second_factor())
    assert [message.id for message in found] == ids
    assert all(message.hint for message in found)
