from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    """The settings, which are read from the environment."""

    database_url: str
    secret_key: str
    access_token_expire_minutes: int = 60
    imagekit_private_key: str
    imagekit_api_url: str | None = None
    imagekit_folder: str = "/reference"
    upload_max_bytes: int = 20 * 1024 * 1024


settings = Settings()  # type: ignore[call-arg]  # (from the environment)
