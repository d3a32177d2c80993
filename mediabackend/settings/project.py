"""The applications and middleware of the project, its hosts, templates and files."""

from mediabackend.settings.environment import (
    BASE_DIR,
    DEBUG,
    SCRIPT_NAME,
    env,
    read_networks,
)

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
# Asked for by probes and monitoring, past the proxy: on plain HTTP, and by the IP
# address of an instance as the host.
PROBE_PATHS = ("/healthz", "/readyz", "/metrics")
# Never from the request: Django would believe what the server says, and a server may
# believe a header.
FORCE_SCRIPT_NAME = SCRIPT_NAME
# IP addresses and networks whose X-Forwarded-For is believed.
TRUSTED_PROXIES = read_networks("TRUSTED_PROXIES", default=["127.0.0.1", "::1"])
# Where the admin may be opened from; empty: from everywhere.
ADMIN_ALLOWED_NETWORKS = read_networks("ADMIN_ALLOWED_NETWORKS", default=[])

INSTALLED_APPS = [
    "accounts.apps.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    # WhiteNoise serves static files under `runserver` too, which cannot do it below
    # SCRIPT_NAME.
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
    "corsheaders",
    "csp",
    "django_tasks_db",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "mediabackend",
    "mediabackend.events",
    "accounts",
    "images",
    "imagekit_emulator",
]

MIDDLEWARE = [
    "mediabackend.http.current_request.CurrentRequestMiddleware",
    "mediabackend.http.request_metrics.RequestMetricsMiddleware",
    # Above all that may answer: errors depend on who asks too.
    "mediabackend.http.caching.CachingMiddleware",
    "mediabackend.http.forwarded.ForwardedProtoMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "mediabackend.http.security_headers.BrowserPoliciesMiddleware",
    # Above all that may answer: errors are read by other sites' pages too.
    "corsheaders.middleware.CorsMiddleware",
    "mediabackend.http.error_responses.ErrorResponsesMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "mediabackend.http.admin_networks.AdminNetworksMiddleware",
    # Requests with a token pass by what is in `pages`.
    "mediabackend.http.pages.WhiteNoiseMiddleware",
    "mediabackend.http.body_limit.BodyLimitMiddleware",
    "mediabackend.http.pages.SessionMiddleware",
    "mediabackend.http.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "mediabackend.http.pages.AuthenticationMiddleware",
    "mediabackend.http.pages.MessageMiddleware",
    "accounts.pages.throttling.LoginPagesMiddleware",
]

ROOT_URLCONF = "mediabackend.urls"
WSGI_APPLICATION = "mediabackend.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "mediabackend" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "mediabackend.site.naming.name_service",
            ],
        },
    },
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TIME_ZONE = "UTC"

STATIC_URL = f"{SCRIPT_NAME}/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
# gunicorn on a laptop serves them without `collectstatic`.
WHITENOISE_USE_FINDERS = DEBUG

SILENCED_SYSTEM_CHECKS = [
    # Asks for preloading of HSTS, which is hard to take back and concerns the whole
    # domain: its owner decides (https://hstspreload.org).
    "security.W021",
]
