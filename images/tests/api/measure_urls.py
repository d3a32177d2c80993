"""Measure the URLs of a page: `python -m images.tests.api.measure_urls`."""

import gc
import time

PAGE = 20
_ROUNDS = 100


def make_page(visibility: str) -> list:
    """Return images as a list's query would, large enough for every rendition."""
    from images.models import Image

    return [
        Image(
            file=f"0199-{number}/0199-{number}~id.jpg",
            width=4000,
            height=3000,
            visibility=visibility,
        )
        for number in range(PAGE)
    ]


def build_page(page: list) -> None:
    from images.services.renditions import build_urls

    for image in page:
        build_urls(image)


def cpu_milliseconds(page: list) -> float:
    """Return the best of many rounds: other programs only ever add to it."""
    rounds = []
    gc.disable()
    for _ in range(_ROUNDS):
        start = time.process_time()
        build_page(page)
        rounds.append(time.process_time() - start)
    gc.enable()
    return min(rounds) * 1000


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mediabackend.settings")
    django.setup()
    for visibility in ("public", "private"):
        taken = cpu_milliseconds(make_page(visibility))
        print(f"{visibility}: {taken:.2f} ms for {PAGE} images")  # noqa: T201
