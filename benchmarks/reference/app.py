"""The endpoints."""

from typing import Annotated

from fastapi import Depends, FastAPI, Form, HTTPException, Query, UploadFile, status
from fastapi.security import OAuth2PasswordRequestForm
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from benchmarks.reference import storage
from benchmarks.reference.models import Image, User
from benchmarks.reference.schemas import (
    CaptionIn,
    ImageOut,
    ImagePage,
    Profile,
    SignUp,
    Token,
    UserOut,
)
from benchmarks.reference.security import (
    CurrentUser,
    Database,
    create_access_token,
    hash_password,
    verify_password,
)

app = FastAPI(title="Reference")


def count_images(db: Database, user: User) -> int:
    owned = select(func.count()).select_from(Image).where(Image.owner_id == user.id)
    return db.scalar(owned) or 0


def get_own_image(image_id: int, db: Database, user: CurrentUser) -> Image:
    image = db.get(Image, image_id)
    if image is None or image.owner_id != user.id:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "Image not found")
    return image


OwnImage = Annotated[Image, Depends(get_own_image)]


@app.post("/signup", status_code=201, response_model=UserOut)
def sign_up(data: SignUp, db: Database) -> User:
    user = User(email=data.email, hashed_password=hash_password(data.password))
    db.add(user)
    try:
        db.commit()
    except IntegrityError as error:
        raise HTTPException(409, "Email already registered") from error
    db.refresh(user)
    return user


@app.post("/login")
def login(form: Annotated[OAuth2PasswordRequestForm, Depends()], db: Database) -> Token:
    user = db.scalar(select(User).where(User.email == form.username))
    if user is None or not verify_password(form.password, user.hashed_password):
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, "Incorrect credentials")
    return Token(access_token=create_access_token(user))


@app.get("/me")
def profile(db: Database, user: CurrentUser) -> Profile:
    return Profile(
        id=user.id,
        email=user.email,
        created_at=user.created_at,
        upload_count=count_images(db, user),
    )


@app.post("/images", status_code=201, response_model=ImageOut)
def upload_image(
    file: UploadFile,
    db: Database,
    user: CurrentUser,
    caption: Annotated[str, Form(max_length=2200)] = "",
) -> Image:
    image = Image(owner_id=user.id, caption=caption, **storage.upload(file, user.id))
    db.add(image)
    db.commit()
    db.refresh(image)
    return image


@app.get("/images", response_model=ImagePage)
def list_images(
    db: Database,
    user: CurrentUser,
    page: Annotated[int, Query(ge=1)] = 1,
    per_page: Annotated[int, Query(ge=1, le=100)] = 20,
) -> dict[str, object]:
    newest = (
        select(Image)
        .where(Image.owner_id == user.id)
        .order_by(Image.id.desc())
        .offset((page - 1) * per_page)
        .limit(per_page)
    )
    return {
        "items": db.scalars(newest).all(),
        "total": count_images(db, user),
        "page": page,
        "per_page": per_page,
    }


@app.get("/images/{image_id}", response_model=ImageOut)
def retrieve_image(image: OwnImage) -> Image:
    return image


@app.patch("/images/{image_id}", response_model=ImageOut)
def change_caption(data: CaptionIn, image: OwnImage, db: Database) -> Image:
    image.caption = data.caption
    db.commit()
    db.refresh(image)
    return image


@app.put("/images/{image_id}/file", response_model=ImageOut)
def replace_file(file: UploadFile, image: OwnImage, db: Database) -> Image:
    old_file = image.file_id
    for name, value in storage.upload(file, image.owner_id).items():
        setattr(image, name, value)
    db.commit()
    storage.delete(old_file)
    db.refresh(image)
    return image


@app.delete("/images/{image_id}", status_code=204)
def delete_image(image: OwnImage, db: Database) -> None:
    storage.delete(image.file_id)
    db.delete(image)
    db.commit()
