"""Schemas of requests and answers."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, EmailStr, Field


class SignUp(BaseModel):
    email: EmailStr
    password: str = Field(min_length=8, max_length=72)


class Token(BaseModel):
    access_token: str
    token_type: str = "bearer"  # noqa: S105  (the name of a kind)


class UserOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    email: EmailStr
    created_at: datetime


class Profile(UserOut):
    upload_count: int


class CaptionIn(BaseModel):
    caption: str = Field(max_length=2200)


class ImageOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    url: str
    thumbnail_url: str | None
    caption: str
    width: int | None
    height: int | None
    size: int
    created_at: datetime
    updated_at: datetime


class ImagePage(BaseModel):
    items: list[ImageOut]
    total: int
    page: int
    per_page: int
