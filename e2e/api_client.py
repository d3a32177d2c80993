"""Members: people with an account, who use the API over HTTP."""

import uuid
from dataclasses import dataclass
from typing import Any

import httpx

from e2e.pictures import quarters
from e2e.tls import TRUSTED

PASSWORD = "plum-orbit-lantern-42"


def open_client(url: str, **headers: str) -> httpx.Client:
    """Return a client that ignores the proxy variables of the environment."""
    return httpx.Client(
        base_url=url, headers=headers, timeout=30, trust_env=False, verify=TRUSTED
    )


def new_email(name: str) -> str:
    return f"{name}-{uuid.uuid4().hex[:8]}@example.com"


@dataclass(frozen=True)
class Member:
    """Somebody with an account, and an HTTP client with their token."""

    email: str
    http: httpx.Client

    @classmethod
    def sign_up(cls, url: str, name: str = "ann", email: str = "") -> "Member":
        email = email or new_email(name)
        with open_client(url) as anonymous:
            answer = anonymous.post(
                "/api/v1/auth/signup/",
                json={"email": email, "password": PASSWORD, "display_name": name},
            )
        assert answer.status_code == 201, answer.text
        token = answer.json()["access"]
        return cls(email, open_client(url, Authorization=f"Bearer {token}"))

    def post(self, content: bytes | None = None, **fields: str) -> httpx.Response:
        """Upload a picture."""
        file = {"file": ("picture.jpg", content or quarters(), "image/jpeg")}
        return self.http.post("/api/v1/images/", files=file, data=fields)

    def upload(self, content: bytes | None = None, **fields: str) -> dict[str, Any]:
        """Upload a picture; return the image in the answer."""
        answer = self.post(content, **fields)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def count(self) -> int:
        return self.http.get("/api/v1/users/me/").json()["image_count"]


def fetch(url: str) -> httpx.Response:
    """Get a picture without a token or a cookie, as a visitor does."""
    return httpx.get(url, trust_env=False, timeout=30)
