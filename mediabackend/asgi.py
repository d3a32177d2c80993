"""The ASGI application, for servers that speak it; all views are synchronous."""

import os

from django.core.asgi import get_asgi_application

from mediabackend.db.statement_timeout import limit_statements

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mediabackend.settings")

application = get_asgi_application()
limit_statements()
