"""Tests that need one of the databases; `make test` runs on both."""

from django.db import connection

# Not skipped: there is nothing to test on the other one.
_OTHER = "sqlite" if connection.vendor == "postgresql" else "postgresql"
collect_ignore_glob = [f"test_{_OTHER}_*.py"]
# SQLite knows no partitions.
collect_ignore = [] if connection.vendor == "postgresql" else ["test_partitions.py"]
