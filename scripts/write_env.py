"""`python -m scripts.write_env`: make a `.env` with secrets of its own.

Runs before Django can: its settings need what this writes.
"""

import secrets
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def write_env(folder: Path) -> bool:
    """Copy `.env.example` to `.env`, filling in SECRET_KEY; False if there is one."""
    example = (folder / ".env.example").read_text()
    text = example.replace(
        "\nSECRET_KEY=\n", f"\nSECRET_KEY={secrets.token_urlsafe(48)}\n"
    )
    try:
        # Opened for exclusive creation, and readable by its owner only.
        with (folder / ".env").open("x") as file:
            (folder / ".env").chmod(0o600)
            file.write(text)
    except FileExistsError:
        return False
    return True


if __name__ == "__main__":
    write_env(ROOT)
