"""Access to the metrics, and the receiver of reports of errors."""

from mediabackend.settings.environment import env, read_networks

# Either opens /metrics; without both nobody may read it.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
METRICS_ALLOWED_NETWORKS = read_networks("METRICS_ALLOWED_NETWORKS", default=[])
# Of a project at Sentry, or at a server that speaks its protocol.
SENTRY_DSN = env.str("SENTRY_DSN", default="")
