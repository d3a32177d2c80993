"""Sort the images of kit-backend: which can be imported, and which cannot."""

import unicodedata
from typing import NamedTuple
from uuid import UUID

from django.conf import settings

from accounts.models import User
from images.imagekit.listing import RemoteFile
from images.imagekit.names import StoredName
from images.management.kit_import.keys import imported_key, known_keys
from images.management.kit_import.remote_files import RemoteFiles, Use
from images.management.kit_import.report import Problem, Report
from images.management.kit_import.source import KitImage
from images.models import Format, Image
from images.screening.inspection import ACCEPTED, LONGEST_SIDE
from mediabackend.api.text import normalize_text

_FORMATS = {f"image/{one.value}": one for one in Format} | {"image/heif": Format.HEIC}
_LONGEST_NAME = Image._meta.get_field("file").max_length or 0
_LONGEST_CAPTION = Image._meta.get_field("caption").max_length or 0


class Candidate(NamedTuple):
    """An image to import, and its file. `owner` is unknown in a dry run."""

    row: KitImage
    file: RemoteFile
    owner: UUID | None

    def image(self) -> Image:
        """Return the image with the columns that do not depend on the file."""
        return Image(
            id=imported_key(self.row.source, self.row.created_at),
            owner_id=self.owner,  # type: ignore[misc]
            caption=_clean(self.row.caption),
            created_at=self.row.created_at,
        )

    def image_in_place(self) -> Image:
        """Return the image with its file where it is, by the facts of ImageKit."""
        image, file = self.image(), self.file
        image.left_in_place = True
        image.file = file.stored_name
        image.size, image.format = file.size or 0, _FORMATS[file.mime or ""]
        image.width, image.height = file.width or 0, file.height or 0
        image.delivered_as_is = (
            image.width * image.height > settings.IMAGEKIT_MAX_PIXELS
            or max(image.width, image.height) > LONGEST_SIDE
        )
        return image


def choose_candidates(
    batch: list[KitImage], refused: set[str], files: RemoteFiles, report: Report
) -> list[Candidate]:
    """Return the images to import; report the others, and mark their files."""
    known = known_keys(row.source for row in batch)
    owners = known_keys({row.owner_source for row in batch})
    accounts = User.objects.filter(pk__in=owners.values())
    there = set(accounts.values_list("pk", flat=True))
    # Those who have deleted their account here.
    refused = refused | {source for source, key in owners.items() if key not in there}
    found = files.find({row.file_id for row in batch})
    files.mark([row.file_id for row in batch if row.source in known], Use.IMPORTED)
    report.counts["images_before"] += len(known)
    chosen: list[Candidate] = []
    for row in batch:
        if row.source in known:
            continue
        if row.user_id is None or row.owner_source in refused:
            report.add(Problem.NO_ACCOUNT, row.source, row.owner_source)
        elif row.file_id not in found:
            report.add(Problem.NO_REMOTE_FILE, row.source, row.url)
        elif reason := _refusal(found[row.file_id]):
            report.add(Problem.FILE_REFUSED, row.source, f"{row.url}: {reason}")
        else:
            owner = owners.get(row.owner_source)
            chosen.append(Candidate(row, found[row.file_id], owner))
            if _clean(row.caption) != normalize_text(row.caption):
                report.add(Problem.CAPTION_CHANGED, row.source)
    left = {row.source for row in batch} - known.keys()
    left -= {one.row.source for one in chosen}
    files.mark([row.file_id for row in batch if row.source in left], Use.NEEDED)
    return chosen


def _refusal(file: RemoteFile) -> str:
    """Return why the file cannot be imported, by what ImageKit says of it; or ""."""
    if file.mime not in _FORMATS:
        return f"{file.mime or 'of an unknown type'}. {ACCEPTED}"
    if not (file.size and file.width and file.height):
        return "ImageKit does not know its size or its sides"
    name = file.stored_name
    leads_back = StoredName.parse(name) == (file.path, file.file_id)
    if not leads_back or len(name) > _LONGEST_NAME:
        return "its name has other characters, or is too long"
    return ""


def _clean(caption: str) -> str:
    """Return the caption as the API would accept it: without control characters."""
    kept = (
        letter
        for letter in normalize_text(caption)
        if letter in "\n\t" or unicodedata.category(letter) not in ("Cc", "Cs")
    )
    return "".join(kept)[:_LONGEST_CAPTION]
