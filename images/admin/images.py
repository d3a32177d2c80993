"""The admin of images."""

from datetime import timedelta

from django import forms
from django.contrib import admin
from django.db import models
from django.forms import ModelForm
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from images.admin.gallery import GalleryAdmin
from images.models import Image
from images.moderation.admin.thumbnails import thumbnail_of
from images.moderation.desk.decision_requests import explaining_refusals
from images.services.renditions import build_urls
from images.services.update import updating_image
from images.services.values import Edits
from mediabackend.admin import IsSetFilter, show_time
from mediabackend.api.text import LinesFormField
from mediabackend.db.ids import first_uuid7


class CreatedFilter(admin.SimpleListFilter):
    """Filters by the primary key, which grows with time and has an index."""

    title = "created"
    parameter_name = "created"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin
    ) -> list[tuple[str, str]]:
        return [
            ("1", "Past day"),
            ("7", "Past 7 days"),
            ("30", "Past 30 days"),
            ("365", "Past 365 days"),
        ]

    def queryset(
        self, request: HttpRequest, queryset: models.QuerySet[Image]
    ) -> models.QuerySet[Image]:
        days = self.value()
        if days not in dict(self.lookup_choices):
            return queryset
        since = timezone.now() - timedelta(days=int(days))
        return queryset.filter(pk__gte=first_uuid7(since))


class ReportsFilter(admin.SimpleListFilter):
    """Filters by open reports, with the index of the moderators' queue."""

    title = "reports"
    parameter_name = "reports"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin
    ) -> list[tuple[str, str]]:
        return [("open", "Open")]

    def queryset(
        self, request: HttpRequest, queryset: models.QuerySet[Image]
    ) -> models.QuerySet[Image]:
        return queryset.filter(open_reports__gt=0) if self.value() else queryset


class FileFilter(IsSetFilter):
    heading = "file"
    unset = "At ImageKit"
    set = "Missing"


@admin.register(Image)
class ImageAdmin(GalleryAdmin):
    """Look at images, edit their captions, decide on them, delete them."""

    list_display = (
        "thumbnail",
        "caption_start",
        "owner",
        "visibility_and_state",
        "uploaded",
    )
    list_display_links = ("thumbnail", "caption_start")
    list_select_related = ("owner",)
    list_filter = (
        "state",
        ReportsFilter,
        "visibility",
        "format",
        CreatedFilter,
        ("missing_since", FileFilter),
        "left_in_place",
    )
    list_per_page = 50
    search_fields = ("caption", "alt_text")
    search_help_text = (
        "Part of a caption or of an alt text. If you may view users, the owner's whole "
        "email works too."
    )
    # The only order: any other would sort the whole table for each page.
    ordering = ("-id",)
    sortable_by = ()
    fields = (
        "preview",
        "owner",
        "caption",
        "alt_text",
        "visibility",
        "moderation",
        "dimensions",
        "file_size",
        "format",
        "created_at",
        "updated_at",
        "missing_since",
        "left_in_place",
        "id",
    )
    # A new visibility moves the file to another storage; only the API does that.
    readonly_fields = [
        name for name in fields if name not in ("caption", "alt_text", "moderation")
    ]

    formfield_overrides = {
        models.CharField: {
            "form_class": LinesFormField,
            "widget": forms.Textarea(attrs={"rows": 3, "cols": 80}),
        }
    }

    class Media:
        css = {"all": ["images/admin.css"]}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def save_model(
        self, request: HttpRequest, obj: Image, form: ModelForm, change: bool
    ) -> None:
        """Write the edited columns only, as the file may have been replaced meanwhile.

        Raises Refused, which `change_view` shows as a message.
        """
        changed = {name: form.cleaned_data[name] for name in form.changed_data}
        with (
            explaining_refusals(),
            updating_image(image=obj, edits=Edits(**changed)),
        ):
            pass

    @admin.display(description="picture")
    def thumbnail(self, image: Image) -> SafeString | str:
        return thumbnail_of(image, 80)

    @admin.display(description="picture")
    def preview(self, image: Image) -> SafeString:
        if image.is_confidential:
            page = reverse("admin:images_decision_image", args=[image.pk])
            return format_html('Private. <a href="{}">Page to open it</a>', page)
        url, renditions = build_urls(image)
        return format_html(
            '<a href="{}"><img src="{}" alt="{}"></a>',
            url,
            renditions["large"],
            image.alt_text or "Image without alt text",
        )

    @admin.display(description="caption")
    def caption_start(self, image: Image) -> str:
        start = image.caption[:60]
        return start + "…" if len(image.caption) > len(start) else start or "—"

    @admin.display(description="uploaded")
    def uploaded(self, image: Image) -> SafeString:
        when = show_time(image.created_at)
        facts = self.dimensions(image), self.file_size(image)
        return format_html("{}<br><small>{}, {}</small>", when, *facts)

    @admin.display(description="pixels")
    def dimensions(self, image: Image) -> str:
        return f"{image.width}\u00a0×\u00a0{image.height}"

    @admin.display(description="size")
    def file_size(self, image: Image) -> str:
        return filesizeformat(image.size)
