"""Passwords and tokens."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import bcrypt
from fastapi import Depends, HTTPException, status
from fastapi.security import OAuth2PasswordBearer
from jose import JWTError, jwt
from sqlalchemy.orm import Session

from benchmarks.reference.config import settings
from benchmarks.reference.models import User, get_db

ALGORITHM = "HS256"
# The same as in Django's hasher.
BCRYPT_ROUNDS = 12

oauth2_scheme = OAuth2PasswordBearer(tokenUrl="login")
Database = Annotated[Session, Depends(get_db)]


def hash_password(password: str) -> str:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(BCRYPT_ROUNDS)).decode()


def verify_password(password: str, hashed: str) -> bool:
    return bcrypt.checkpw(password.encode(), hashed.encode())


def create_access_token(user: User) -> str:
    expires = datetime.now(UTC) + timedelta(
        minutes=settings.access_token_expire_minutes
    )
    claims = {"sub": str(user.id), "exp": expires}
    return str(jwt.encode(claims, settings.secret_key, algorithm=ALGORITHM))


def get_current_user(
    token: Annotated[str, Depends(oauth2_scheme)], db: Database
) -> User:
    """Return the user of the token; 401 if it is not valid."""
    refused = HTTPException(
        status.HTTP_401_UNAUTHORIZED,
        "Could not validate credentials",
        headers={"WWW-Authenticate": "Bearer"},
    )
    try:
        claims = jwt.decode(token, settings.secret_key, algorithms=[ALGORITHM])
        user_id = int(claims["sub"])
    except (JWTError, KeyError, ValueError) as error:
        raise refused from error
    user = db.get(User, user_id)
    if user is None:
        raise refused
    return user


CurrentUser = Annotated[User, Depends(get_current_user)]
