"""The storage of pictures: ImageKit, or without keys the emulator."""

from django.core.exceptions import ImproperlyConfigured

from mediabackend.settings.environment import BASE_DIR, DEBUG, SCRIPT_NAME, env

IMAGEKIT_PRIVATE_KEY = env.str("IMAGEKIT_PRIVATE_KEY", default="")
IMAGEKIT_PUBLIC_KEY = env.str("IMAGEKIT_PUBLIC_KEY", default="")
IMAGEKIT_URL_ENDPOINT = env.str("IMAGEKIT_URL_ENDPOINT", default="")
# Unset: the real service. Set: any server that speaks its API.
IMAGEKIT_API_URL = env.str("IMAGEKIT_API_URL", default="")
IMAGEKIT_FOLDER = env.str("IMAGEKIT_FOLDER", default="/media")
# The folder of kit-backend, for imported images whose files stay there.
KIT_BACKEND_FOLDER = env.str("KIT_BACKEND_FOLDER", default="/Imagekit_Media_Backend")
# Which deletions purge the CDN's copies too: ImageKit limits purges a month.
IMAGEKIT_PURGE_ON = env.choice(
    "IMAGEKIT_PURGE_ON", ["never", "takedown", "delete"], default="takedown"
)
# The most purges ordered in a calendar month (UTC), of which a fifth is kept for
# take-downs, and the most that one user may cause; 0 is no limit.
PURGES_PER_MONTH = env.int("PURGES_PER_MONTH", default=500)
PURGES_PER_USER = env.int("PURGES_PER_USER", default=50)
if PURGES_PER_MONTH < 0 or PURGES_PER_USER < 0:
    raise ImproperlyConfigured(
        "PURGES_PER_MONTH and PURGES_PER_USER must be 0 or more."
    )
# What ImageKit signs its webhooks with; without it there are none.
IMAGEKIT_WEBHOOK_SECRET = env.str("IMAGEKIT_WEBHOOK_SECRET", default="")
# private: only private images have signed URLs. all: those of public images are signed
# too, for accounts with the switch "restrict unsigned URLs".
IMAGEKIT_SIGN = env.choice("IMAGEKIT_SIGN", ["private", "all"], default="private")
# Seconds that a signed URL of a private image lasts at least.
SIGNED_URL_TTL = env.int("SIGNED_URL_TTL", default=3600)

# Whether ImageKit looks for the part of a picture that a square shows, which counts as
# an expensive transformation; without it a square shows the centre.
IMAGEKIT_SMART_CROP = env.bool("IMAGEKIT_SMART_CROP", default=True)

# ImageKit transforms no picture with more pixels: width times height times frames.
# Larger ones are delivered as they are.
IMAGEKIT_MAX_PIXELS = env.int("IMAGEKIT_MAX_PIXELS", default=100_000_000)

# The sizes that images are offered in: widths in pixels, which screens with two or
# three pixels to a point need too. All are ImageKit transformations, see
# images/services/renditions.py; the check images.E004 looks at the table.
IMAGE_RENDITIONS: dict[str, dict[str, object]] = {
    "thumbnail": {
        "width": 320,
        "square": True,
        "smart_crop": IMAGEKIT_SMART_CROP,
    },
    "small": {"width": 320},
    "medium": {"width": 640},
    "large": {"width": 1280},
    "srcset": {"widths": (320, 640, 960, 1280, 1600, 2048)},
}

_storage_options: dict[str, object] = {
    "private_key": IMAGEKIT_PRIVATE_KEY,
    "public_key": IMAGEKIT_PUBLIC_KEY,
    "url_endpoint": IMAGEKIT_URL_ENDPOINT,
    "api_url": IMAGEKIT_API_URL or None,
    "location": IMAGEKIT_FOLDER,
    # Names are decided by us and never reused, so a repeated request may
    # overwrite what its first try left behind.
    "allow_overwrite": True,
    "signed": IMAGEKIT_SIGN == "all",
}

# None: ImageKit is used. A dict: the emulator inside this process takes its
# place, answers below /_imagekit/ and keeps its files in ROOT.
IMAGEKIT_EMULATOR: dict[str, object] | None = None
if not IMAGEKIT_PRIVATE_KEY:
    IMAGEKIT_EMULATOR = {
        "ROOT": env.str(
            "IMAGEKIT_EMULATOR_ROOT", default=str(BASE_DIR / "var" / "imagekit")
        ),
        "PRIVATE_KEY": "private_emulator_that_guards_nothing",
        "PUBLIC_KEY": "public_emulator",
        "URL_ENDPOINT": f"{SCRIPT_NAME}/_imagekit/demo",
        "ALLOW_REMOTE": env.bool("IMAGEKIT_EMULATOR_ALLOW_REMOTE", default=False),
        "TRAITS": ("restrict_unsigned",) if IMAGEKIT_SIGN == "all" else (),
    }
    _storage_options |= {
        "private_key": IMAGEKIT_EMULATOR["PRIVATE_KEY"],
        "public_key": IMAGEKIT_EMULATOR["PUBLIC_KEY"],
        "url_endpoint": IMAGEKIT_EMULATOR["URL_ENDPOINT"],
        # Never looked up: the transport takes every request itself.
        "api_url": f"http://emulator{SCRIPT_NAME}/_imagekit",
        "transport": "imagekit_emulator.transport.in_process_transport",
    }

# Where clients send their files with a ticket of ours: ImageKit has a host for
# it, other servers have it below their one address, and so has the emulator.
IMAGEKIT_UPLOAD_URL = (
    f"{SCRIPT_NAME}/_imagekit" if IMAGEKIT_EMULATOR else IMAGEKIT_API_URL.rstrip("/")
) or "https://upload.imagekit.io"
IMAGEKIT_UPLOAD_URL += "/api/v2/files/upload"

STORAGES = {
    # Images that anybody with the link may see.
    "default": {
        "BACKEND": "images.imagekit.storage.ImageKitStorage",
        "OPTIONS": _storage_options,
    },
    # Private images: stored as private files, delivered by signed URLs only.
    "private": {
        "BACKEND": "images.imagekit.storage.ImageKitStorage",
        "OPTIONS": _storage_options | {"private": True, "url_ttl": SIGNED_URL_TTL},
    },
    # Imported images that were left in place; nothing new is stored there.
    "kit_backend": {
        "BACKEND": "images.imagekit.storage.ImageKitStorage",
        "OPTIONS": _storage_options | {"location": KIT_BACKEND_FOLDER},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
