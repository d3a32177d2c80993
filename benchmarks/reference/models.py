"""The tables. `python -m benchmarks.reference.models` creates them."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import ForeignKey, String, create_engine, func
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    mapped_column,
    relationship,
    sessionmaker,
)

from benchmarks.reference.config import settings

# A connection for each of the 40 threads that FastAPI runs endpoints in.
engine = create_engine(
    settings.database_url, pool_size=20, max_overflow=20, pool_pre_ping=True
)
SessionLocal = sessionmaker(engine, autoflush=False)


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True, index=True)
    hashed_password: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    images: Mapped[list["Image"]] = relationship(back_populates="owner")


class Image(Base):
    __tablename__ = "images"

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    file_id: Mapped[str] = mapped_column(String(64))
    url: Mapped[str] = mapped_column(String(500))
    thumbnail_url: Mapped[str | None] = mapped_column(String(500))
    caption: Mapped[str] = mapped_column(String(2200), default="")
    width: Mapped[int | None]
    height: Mapped[int | None]
    size: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(
        server_default=func.now(), onupdate=func.now()
    )
    owner: Mapped[User] = relationship(back_populates="images")


def get_db() -> Iterator[Session]:
    """Yield a session for a request."""
    with SessionLocal() as db:
        yield db


if __name__ == "__main__":
    Base.metadata.create_all(engine)
