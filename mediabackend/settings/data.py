"""The databases, the cache, and the queue of background tasks."""

from typing import Any

import django

from mediabackend.settings.environment import BASE_DIR, env

# Seconds that a statement of a web process may take; 0 is no limit.
STATEMENT_TIMEOUT = env.int("STATEMENT_TIMEOUT", default=30)
# Off where a pooler sits between that does not know them: PgBouncer before 1.21.
PREPARED_STATEMENTS = env.bool("PREPARED_STATEMENTS", default=True)


def _postgres(config: dict[str, Any]) -> dict[str, Any]:
    options = {
        # A dead server is noticed, and answered with 503, within seconds. The second
        # is in milliseconds, for data that nobody acknowledges: tcp(7).
        "connect_timeout": 5,
        "tcp_user_timeout": 10_000,
        **config.get("OPTIONS", {}),
    }
    return {
        **config,
        "ENGINE": "mediabackend.db.postgresql",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


DATABASES = {
    "default": env.db_url("DATABASE_URL", default=f"sqlite:///{BASE_DIR}/db.sqlite3")
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        # Writers queue for the lock instead of failing half-way through.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"] = _postgres(DATABASES["default"])
# A copy that may be a moment old, for what everybody may see; no router, for that
# would have to tell from a model alone who reads it, and after which write.
PUBLIC_READS_DATABASE = "default"
if env.str("DATABASE_REPLICA_URL", default=""):
    DATABASES["replica"] = _postgres(env.db_url("DATABASE_REPLICA_URL"))
    PUBLIC_READS_DATABASE = "replica"
CACHES = {"default": env.cache_url("CACHE_URL", default="locmemcache://")}
_cache_options: dict[str, object] = {}
if CACHES["default"]["BACKEND"].endswith(".RedisCache"):
    # Requests wait no longer than this for a Redis that hangs.
    _cache_options = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5}
elif CACHES["default"]["BACKEND"].endswith(".LocMemCache"):
    # With Django's 300 entries, a flood would push counters of throttles out.
    _cache_options = {"MAX_ENTRIES": 100_000}
CACHES["default"]["OPTIONS"] = _cache_options | CACHES["default"].get("OPTIONS", {})

# gunicorn.conf.py reads it too, from the environment only.
WEB_CONCURRENCY = env.int("WEB_CONCURRENCY", default=2)

_tasks = "django.tasks" if django.VERSION >= (6, 0) else "django_tasks"
_task_backends = {
    "immediate": f"{_tasks}.backends.immediate.ImmediateBackend",
    "database": "django_tasks_db.DatabaseBackend",
}
# immediate: in the request, after its transaction. database: by `manage.py run_worker`.
TASKS_BACKEND = env.choice("TASKS_BACKEND", list(_task_backends), default="immediate")
TASKS = {"default": {"BACKEND": _task_backends[TASKS_BACKEND]}}
