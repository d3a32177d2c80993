"""What only PostgreSQL has; `make test` says so when it is not installed."""

from django.conf import settings

# Not skipped: on SQLite there is nothing to test.
if "sqlite3" in settings.DATABASES["default"]["ENGINE"]:
    collect_ignore_glob = ["test_*.py"]
