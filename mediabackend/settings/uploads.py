"""Limits of uploads, where their bytes are kept meanwhile, and which metadata stay."""

from django.core.exceptions import ImproperlyConfigured

from mediabackend.settings.environment import env

UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_BYTES", default=20_000_000)
UPLOAD_MAX_PIXELS = env.int("UPLOAD_MAX_PIXELS", default=100_000_000)
UPLOAD_MAX_FRAMES = env.int("UPLOAD_MAX_FRAMES", default=500)
# What the images of one user may take together, in bytes; 0 is no limit.
USER_QUOTA_BYTES = env.int("USER_QUOTA_BYTES", default=0)

# Files over 2.5 MB go to a temporary file while they arrive. Our handler comes
# first: it stops the transfer once UPLOAD_MAX_BYTES have been received.
FILE_UPLOAD_HANDLERS = [
    "mediabackend.http.body_limit.FileSizeLimitHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
# The largest forms are actions of the admin on a page of 100 rows.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 300
# One is used. A second one can be named in the error, more are not even read.
DATA_UPLOAD_MAX_NUMBER_FILES = 2

# All other metadata are removed from every file before it leaves for ImageKit.
KEEP_METADATA = env.list("KEEP_METADATA", default=[])
if unknown := set(KEEP_METADATA) - {"copyright", "c2pa"}:
    raise ImproperlyConfigured(
        "KEEP_METADATA may name 'copyright' and 'c2pa', not "
        f"{', '.join(sorted(map(repr, unknown)))}."
    )
