"""Keys on disk: shown once, kept as a hash, ended by date or by word."""

import sqlite3
import stat
import time
from pathlib import Path

import pytest

from llm_tracing.access.keyring import FILE, Keyring
from llm_tracing.access.keys import hash_of, scopes_of
from llm_tracing.errors import ConfigError, NotFound

READ = scopes_of(["read"])


def test_a_key_is_found_by_its_secret_alone(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path)
    key, secret = keyring.create("phone", READ)
    found = keyring.find(secret)
    assert found is not None
    assert (found.key_id, found.name, found.scopes) == (key.key_id, "phone", READ)
    assert keyring.find(secret + "x") is None
    assert keyring.find(key.key_id) is None
    keyring.close()


def test_the_secret_is_not_on_disk(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path)
    key, secret = keyring.create("phone", READ)
    token = keyring.log_in(key.key_id)
    keyring.close()
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert hash_of(secret) in kept
    assert secret.encode() not in kept
    assert secret.split("_", 2)[2].encode() not in kept
    assert token.encode() not in kept


def test_only_its_owner_can_read_the_file(tmp_path: Path) -> None:
    Keyring(tmp_path).close()
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


def test_a_revoked_key_and_its_logins_are_gone(tmp_path: Path) -> None:
    keyring, other = Keyring(tmp_path), Keyring(tmp_path)
    key, secret = keyring.create("phone", READ)
    token = keyring.log_in(key.key_id)
    assert other.login(token) == (key.key_id, "default")
    other.revoke(key.key_id)
    assert keyring.find(secret) is None
    assert keyring.login(token) is None
    assert not keyring.has_active()
    assert [known.revoked_at is not None for known in keyring.all()] == [True]
    with pytest.raises(NotFound):
        keyring.revoke("0badc0de")
    keyring.close()
    other.close()


def test_a_key_ends_with_its_days(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path)
    _, secret = keyring.create("short", READ, days=1e-9)
    time.sleep(0.001)
    assert keyring.find(secret) is None
    assert not keyring.has_active()
    keyring.close()


def test_a_use_is_noted(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path)
    _, secret = keyring.create("phone", READ)
    assert keyring.all()[0].last_used_at is None
    keyring.find(secret)
    first = keyring.all()[0].last_used_at
    keyring.find(secret)
    assert first is not None
    assert keyring.all()[0].last_used_at == first  # to the minute
    keyring.close()


def test_acts_are_told_newest_first(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path)
    keyring.record("me", "create key", "a")
    keyring.record("me", "revoke key", "a")
    assert [act.act for act in keyring.acts(10)] == ["revoke key", "create key"]
    assert [act.act for act in keyring.acts(1)] == ["revoke key"]
    keyring.close()


def test_a_file_of_another_kind_is_told(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"not a database, and long enough to be looked at" * 20)
    with pytest.raises(ConfigError, match="can't be used"):
        Keyring(tmp_path)


@pytest.mark.parametrize("names", [[], ["reed"], ["read", "all"]])
def test_scopes_are_known_words(names: list[str]) -> None:
    with pytest.raises(ConfigError, match="ingest, read, admin"):
        raise_with_hint(names)


def raise_with_hint(names: list[str]) -> None:
    try:
        scopes_of(names)
    except ConfigError as error:
        raise ConfigError(error.line()) from error


def test_two_processes_may_use_one_folder(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path)
    with sqlite3.connect(tmp_path / FILE) as db:  # as another process would
        db.execute("INSERT INTO audit (time_unix_nano, who, act, subject) VALUES (1, 'x', 'y', 'z')")
    keyring.record("me", "create key", "")
    assert len(keyring.acts(10)) == 2
    keyring.close()
