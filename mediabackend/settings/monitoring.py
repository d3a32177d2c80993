"""Settings of monitoring."""

from mediabackend.settings.environment import env

METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
