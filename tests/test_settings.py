"""Settings: what an operator may choose, and what is refused at start in one sentence."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from app.settings import Settings

EVERYWHERE = "0.0.0.0"  # noqa: S104 - what must not be spoken to in plain http


@pytest.fixture(autouse=True)
def _nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"FOOTBRIDGE_{name.upper()}", raising=False)


@pytest.mark.parametrize(
    "chosen",
    [
        {}, {"port": 1}, {"port": 65535}, {"host": "::1"}, {"host": "localhost"}, {"public_url": "http://localhost:8000"},
        {"public_url": "http://127.0.0.1:9"}, {"public_url": "http://[::1]:9"}, {"public_url": "https://example.org"},
        {"host": EVERYWHERE, "public_url": "https://example.org"}, {"host": EVERYWHERE, "i_know": True},
        {"public_url": "http://192.168.1.5:8000", "i_know": True}, {"form_bytes": 1024},
    ],
    ids=str,
)  # fmt: skip
def test_what_may_be_chosen(chosen: dict[str, Any]) -> None:
    Settings(**chosen)


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        ({"host": EVERYWHERE}, "plain http on this machine only"),
        ({"host": "192.168.1.5"}, "plain http on this machine only"),
        ({"host": ""}, "plain http on this machine only"),
        ({"public_url": "http://example.org"}, "plain http on this machine only"),
        ({"public_url": "http://localhost.example.org"}, "plain http on this machine only"),
        ({"public_url": "example.org"}, "plain http on this machine only"),
        ({"public_url": "ftp://example.org"}, "plain http on this machine only"),
        ({"host": EVERYWHERE, "public_url": "http://localhost:8000"}, "plain http on this machine only"),
        ({"port": 0}, "greater than or equal to 1"),
        ({"port": 65536}, "less than or equal to 65535"),
        ({"port": "eighty"}, "valid integer"),
        ({"form_bytes": 10}, "greater than or equal to 1024"),
        ({"development": "perhaps"}, "valid boolean"),
    ],
    ids=str,
)
def test_v12_2_1_what_is_refused_at_start(chosen: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        Settings(**chosen)


@pytest.mark.parametrize(
    ("data", "keys"),
    [
        ("data", "data.keys"),
        ("/srv/footbridge", "/srv/footbridge.keys"),
        ("./a/b.c", "a/b.c.keys"),
        ("a b", "a b.keys"),
    ],
)
def test_l24_the_keys_lie_beside_the_data_and_never_in_it(data: str, keys: str) -> None:
    settings = Settings(data=Path(data))
    assert settings.keys == Path(keys) and settings.key_file == Path(keys) / "master.key"
    assert not settings.key_file.is_relative_to(settings.data)
    assert settings.database_file == Path(data) / "footbridge.db"


def test_the_keys_can_lie_elsewhere() -> None:
    assert Settings(keys=Path("/run/credentials")).key_file == Path("/run/credentials/master.key")


@pytest.mark.parametrize(
    ("url", "https", "hostname", "cookie"),
    [
        ("https://example.org/", True, "example.org", "__Host-sid"),
        ("https://example.org:8443", True, "example.org", "__Host-sid"),
        ("http://localhost:8010", False, "localhost", "sid"),
        ("", False, "localhost", "sid"),
    ],
)
def test_the_address_says_how_it_is_spoken_to(url: str, https: bool, hostname: str, cookie: str) -> None:
    settings = Settings(public_url=url)
    assert (settings.https, settings.hostname, settings.cookie) == (https, hostname, cookie)
    assert not settings.public_url.endswith("/")


def test_the_port_is_in_the_address_that_is_told() -> None:
    assert Settings(port=8010).public_url == "http://localhost:8010"


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTBRIDGE_PORT", "8011")
    monkeypatch.setenv("FOOTBRIDGE_DATABASE_URL", "postgresql://somebody:hidden@db/footbridge")
    settings = Settings()
    assert settings.port == 8011 and "hidden" not in repr(settings)
    assert settings.database_url and "hidden" in settings.database_url.get_secret_value()
