"""All settings, composed of one module for each topic.

Every variable comes from the environment, or from a `.env` file beside manage.py; the
environment wins. `docs/configuration.md` describes each. Defaults are the safe ones:
DEBUG is off, and with it off the process refuses to start until the secrets are there.
"""

from mediabackend.settings.accounts import *
from mediabackend.settings.api import *
from mediabackend.settings.browser import *
from mediabackend.settings.data import *
from mediabackend.settings.events import *
from mediabackend.settings.imagekit import *
from mediabackend.settings.mail import *
from mediabackend.settings.moderation import *
from mediabackend.settings.monitoring import *
from mediabackend.settings.project import *
from mediabackend.settings.secrets import *
from mediabackend.settings.throttles import *
from mediabackend.settings.uploads import *
