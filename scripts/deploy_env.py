"""Ask what a deployment needs, and write `.env` with new secrets: `make deploy-env`.

What the environment has is not asked. Without a terminal, all of it must be there.
Only the standard library is used: a host with nothing but containers has no more.
"""

import os
import re
import secrets
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from getpass import getpass
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
ADMIN_PASSWORD = Path("secrets") / "admin_password"


@dataclass(frozen=True)
class Question:
    """One thing to ask. `pattern` is what an answer looks like."""

    name: str
    text: str
    pattern: str
    secret: bool = False


QUESTIONS = (
    Question("DOMAIN", "Domain of the site, such as media.example.com", r"[\w.-]+"),
    Question("IMAGEKIT_PRIVATE_KEY", "ImageKit private key", r"\S+", secret=True),
    Question("IMAGEKIT_PUBLIC_KEY", "ImageKit public key", r"\S+"),
    Question(
        "IMAGEKIT_URL_ENDPOINT",
        "ImageKit URL endpoint, such as https://ik.imagekit.io/your_id",
        r"https?://\S+",
    ),
    Question(
        "MAIL_SERVER",
        "Mail server and port, such as mail.example.com:587 (465: TLS from the start)",
        r"[\w.-]+:\d+",
    ),
    Question("MAIL_USER", "User at the mail server", r".+"),
    Question("MAIL_PASSWORD", "Password at the mail server", r".+", secret=True),
    Question("DEFAULT_FROM_EMAIL", "Sender of mails", r".+@.+"),
    Question("ADMIN_EMAIL", "Email of the first administrator", r"\S+@\S+"),
)
# Copied if they are given, for a host with a PostgreSQL, a Redis or a mail relay of its
# own, and for mails about decisions. With EMAIL_URL nothing is asked about the mail
# server.
OPTIONAL = (
    *("DATABASE_URL", "CACHE_URL", "EMAIL_URL", "IMAGEKIT_API_URL", "IMAGEKIT_SIGN"),
    *("MODERATION_CONTACT", "MODERATION_REDRESS", "MODERATION_TERMS"),
)


def main() -> int:
    if (ROOT / ".env").exists():
        print(".env exists and is not changed. Move it away to make a new one.")
        return 1
    try:
        write(ROOT, _answers(os.environ, ask if sys.stdin.isatty() else None))
    except ValueError as error:
        print(error)
        return 1
    print(f"Wrote .env and {ADMIN_PASSWORD}, which holds the administrator's password.")
    return 0


def _answers(
    environ: Mapping[str, str], ask: Callable[[Question], str] | None
) -> dict[str, str]:
    """Return the answers by name, from the environment or else from a person.

    Raises ValueError if one is missing and nobody can be asked, or if one is wrong.
    """
    found = {name: environ[name] for name in OPTIONAL if environ.get(name)}
    questions = [
        question
        for question in QUESTIONS
        if not (question.name.startswith("MAIL_") and "EMAIL_URL" in found)
    ]
    missing = [q.name for q in questions if not environ.get(q.name)]
    if missing and ask is None:
        raise ValueError(f"Missing in the environment: {', '.join(missing)}.")
    for question in questions:
        answer = environ.get(question.name) or (ask(question) if ask else "")
        if not re.fullmatch(question.pattern, answer):
            raise ValueError(f"{question.name} is not valid.")
        found[question.name] = answer
    return found


def ask(question: Question) -> str:
    """Ask a person until the answer looks right."""
    read = getpass if question.secret else input
    while not re.fullmatch(question.pattern, answer := read(f"{question.text}: ")):
        print("That does not look right.")
    return answer


def variables(answers: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of the deployment, with new secrets."""
    found = {
        "DOMAIN": answers["DOMAIN"],
        "ALLOWED_HOSTS": answers["DOMAIN"],
        "SITE_URL": f"https://{answers['DOMAIN']}",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "JWT_SECRET_KEY": secrets.token_urlsafe(48),
        "TASKS_BACKEND": "database",
        "ADMIN_REQUIRE_OTP": "true",
    }
    if "DATABASE_URL" not in answers:
        # compose.yaml makes the URL of it.
        found["POSTGRES_PASSWORD"] = secrets.token_urlsafe(32)
    if "EMAIL_URL" not in answers:
        found["EMAIL_URL"] = _email_url(answers)
    asked = {name: text for name, text in answers.items() if name[:5] != "MAIL_"}
    return found | asked


def _email_url(answers: Mapping[str, str]) -> str:
    server = answers["MAIL_SERVER"]
    scheme = "smtp+ssl" if server.endswith(":465") else "smtp+tls"
    user = quote(answers["MAIL_USER"], safe="")
    password = quote(answers["MAIL_PASSWORD"], safe="")
    return f"{scheme}://{user}:{password}@{server}"


def write(folder: Path, answers: Mapping[str, str]) -> None:
    """Write both files, which other users of the host cannot read.

    Raises ValueError for a value that cannot be written, and FileExistsError.
    """
    found = variables(answers)
    for name, value in found.items():
        if not value.isprintable() or "'" in value:
            raise ValueError(f"{name} must have no quotes and no control characters.")
    # In these quotes everything is literal for Compose, systemd, shells and Django.
    text = "".join(f"{name}='{value}'\n" for name, value in found.items())
    _create(folder / ".env", text, 0o600)
    # The folder is closed instead of the file: in the container another user reads it.
    password = folder / ADMIN_PASSWORD
    password.parent.mkdir(mode=0o700, exist_ok=True)
    if not password.exists():
        _create(password, secrets.token_urlsafe(18), 0o444)


def _create(path: Path, text: str, mode: int) -> None:
    """Write a new file, which from its beginning has no more permissions than these."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with open(descriptor, "w") as file:
        path.chmod(mode)
        file.write(text)


if __name__ == "__main__":
    sys.exit(main())
