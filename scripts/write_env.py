"""Write a `.env` with a new secret: `python -m scripts.write_env`.

Django is not used here, because its settings need this file.
"""

import secrets
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def write_env(folder: Path) -> bool:
    """Copy `.env.example` to `.env` with a SECRET_KEY; False if `.env` exists."""
    example = (folder / ".env.example").read_text()
    text = example.replace(
        "\nSECRET_KEY=\n", f"\nSECRET_KEY={secrets.token_urlsafe(48)}\n"
    )
    try:
        # Fails if the file exists. Only the owner may read it.
        with (folder / ".env").open("x") as file:
            (folder / ".env").chmod(0o600)
            file.write(text)
    except FileExistsError:
        return False
    return True


if __name__ == "__main__":
    write_env(ROOT)
