"""Every setting, in one class, read from the environment (FOOTBRIDGE_…) and wrong only at start."""

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class Settings(BaseSettings):
    """What an operator may choose; `docs/settings.md` explains each, and a test keeps the two equal."""

    model_config = SettingsConfigDict(env_prefix="FOOTBRIDGE_", extra="ignore")

    data: Path = Path("data")
    keys: Path = Path()
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    public_url: str = ""
    database_url: SecretStr | None = None
    backups: Path | None = None
    backup_hour: int = Field(default=3, ge=0, le=23)
    backup_url: SecretStr | None = None
    development: bool = False
    trusted_proxies: str = ""
    i_know: bool = False
    worker: bool = True
    clock: bool = True
    processes: int = Field(default=1, ge=1, le=64)
    form_bytes: int = Field(default=512 * 1024, ge=1024)

    @model_validator(mode="after")
    def _complete(self) -> "Settings":
        if self.keys == Path():
            # Beside the data folder, never inside: a copy of the data must not carry its key along.
            self.keys = self.data.with_name(self.data.name + ".keys")
        self.database_url = self.database_url or None
        if self.database_url and not self.database_url.get_secret_value().startswith("postgresql://"):
            raise ValueError("FOOTBRIDGE_DATABASE_URL is not a postgresql:// address.")
        self.public_url = (self.public_url or f"http://localhost:{self.port}").rstrip("/")
        if not self.https and not self.i_know and not {self.host, self.hostname} <= LOOPBACK:
            raise ValueError(
                "Footbridge speaks plain http on this machine only. Set FOOTBRIDGE_PUBLIC_URL to the https:// "
                "address people use, or FOOTBRIDGE_I_KNOW=true if you know what you are doing."
            )
        return self

    @property
    def https(self) -> bool:
        return self.public_url.startswith("https://")

    @property
    def hostname(self) -> str:
        return urlsplit(self.public_url).hostname or ""

    @property
    def cookie(self) -> str:
        # __Host- needs Secure, which a browser on plain http://localhost may not keep.
        return "__Host-sid" if self.https else "sid"

    @property
    def key_file(self) -> Path:
        return self.keys / "master.key"

    @property
    def database_file(self) -> Path:
        return self.data / "footbridge.db"
