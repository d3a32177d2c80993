"""The receiver of events; docs/events.md."""

from mediabackend.settings.environment import env

# Empty: nothing is noted and nothing is sent.
EVENTS_URL = env.str("EVENTS_URL", default="")
EVENTS_SECRET = env.str("EVENTS_SECRET", default="")
# Whether the receiver may be at a private IP, and speak plain HTTP.
EVENTS_ALLOW_PRIVATE = env.bool("EVENTS_ALLOW_PRIVATE", default=False)
