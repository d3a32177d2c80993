"""The environment that all settings are read from, and `.env` beside manage.py."""

from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
# What is in the environment already wins.
env.read_env(BASE_DIR / ".env")

DEBUG = env.bool("DEBUG", default=False)
