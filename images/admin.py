"""Images, and files that wait for their deletion, in the admin."""

from django import forms
from django.contrib import admin
from django.db import models
from django.forms import ModelForm
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html
from django.utils.safestring import SafeString

from images.models import Image, PendingDeletion
from mediabackend.admin_paginator import EstimatedPaginator


@admin.register(Image)
class ImageAdmin(admin.ModelAdmin):
    """Look at images, edit their captions, delete them with their files."""

    list_display = (
        "thumbnail",
        "caption_start",
        "owner",
        "visibility",
        "dimensions",
        "file_size",
        "created_at",
    )
    list_display_links = ("thumbnail", "caption_start")
    list_select_related = ("owner",)
    list_filter = ("visibility", "format", "created_at")
    list_per_page = 50
    search_fields = ("caption", "alt_text", "=owner__email")
    search_help_text = "Part of a caption or of an alt text, or an owner's e-mail."
    date_hierarchy = "created_at"
    ordering = ("-id",)
    paginator = EstimatedPaginator
    show_full_result_count = False
    fields = (
        "preview",
        "owner",
        "caption",
        "alt_text",
        "visibility",
        "dimensions",
        "file_size",
        "format",
        "created_at",
        "updated_at",
        "id",
    )
    # Visibility moves a file between storages, which the owner does by the API.
    readonly_fields = (
        "preview",
        "owner",
        "visibility",
        "dimensions",
        "file_size",
        "format",
        "created_at",
        "updated_at",
        "id",
    )

    formfield_overrides = {
        models.CharField: {"widget": forms.Textarea(attrs={"rows": 3, "cols": 80})}
    }

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def save_model(
        self, request: HttpRequest, obj: Image, form: ModelForm, change: bool
    ) -> None:
        # Only what was edited: the owner may have replaced the file meanwhile.
        obj.save(update_fields=[*form.changed_data, "updated_at"])

    @admin.display(description="picture")
    def thumbnail(self, image: Image) -> SafeString:
        return format_html(
            '<img src="{}" alt="{}" width="80" height="80" loading="lazy">',
            image.url("w-160,h-160,fo-auto,f-auto"),
            image.alt_text or "Image without alt text",
        )

    @admin.display(description="picture")
    def preview(self, image: Image) -> SafeString:
        return format_html(
            '<a href="{}"><img src="{}" alt="{}" style="max-width:100%;height:auto">'
            "</a>",
            image.url(),
            image.url(f"w-{min(960, image.width)},f-auto"),
            image.alt_text or "Image without alt text",
        )

    @admin.display(description="caption", ordering="caption")
    def caption_start(self, image: Image) -> str:
        start = image.caption[:60]
        return start + "…" if len(image.caption) > len(start) else start or "—"

    @admin.display(description="pixels", ordering="width")
    def dimensions(self, image: Image) -> str:
        return f"{image.width}\u00a0×\u00a0{image.height}"

    @admin.display(description="size", ordering="size")
    def file_size(self, image: Image) -> str:
        return filesizeformat(image.size)


@admin.register(PendingDeletion)
class PendingDeletionAdmin(admin.ModelAdmin):
    """Read-only: what the service still has to delete at ImageKit."""

    list_display = ("name", "reason", "due_at", "attempts", "last_error")
    list_filter = ("reason",)
    search_fields = ("name",)
    ordering = ("due_at",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: PendingDeletion | None = None
    ) -> bool:
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: PendingDeletion | None = None
    ) -> bool:
        return False
