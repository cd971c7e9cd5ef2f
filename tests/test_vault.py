import ast
import hashlib
import hmac
import itertools
import os
import random
import re
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.lib import vault
from app.lib.vault import Broken, KeyTrouble, Master

PROGRAM, OTHER_PROGRAM = UUID(int=1), UUID(int=2)
ROW, OTHER_ROW = UUID(int=3), UUID(int=4)
HERE = vault.place(PROGRAM, "entry", "words", ROW)
WORDS = "Tonight was hard; I called Sam. 💙".encode()
KEY = bytes(range(32))


# --- sealing


@pytest.mark.parametrize("text", [b"", b"\0", b"a", WORDS, os.urandom(1_000_000)], ids=len)
def test_v11_3_2_what_is_sealed_opens_again(text: bytes) -> None:
    assert vault.unseal(KEY, vault.seal(KEY, text, HERE), HERE) == text


def test_v11_2_2_the_form_is_version_nonce_ciphertext_and_tag_and_the_version_is_bound_in() -> None:
    sealed = vault.seal(KEY, WORDS, HERE)
    assert sealed[0] == 1
    assert len(sealed) == 1 + 12 + len(WORDS) + 16
    assert AESGCM(KEY).decrypt(sealed[1:13], sealed[13:], HERE + b"|1") == WORDS


def test_a_value_sealed_without_its_version_does_not_open() -> None:
    nonce = bytes(12)
    with pytest.raises(Broken):
        vault.unseal(KEY, b"\x01" + nonce + AESGCM(KEY).encrypt(nonce, WORDS, HERE), HERE)


def test_the_same_words_never_look_the_same_twice() -> None:
    sealed = [vault.seal(KEY, WORDS, HERE) for _ in range(1000)]
    assert len({value[1:13] for value in sealed}) == 1000
    assert not any(WORDS[:8] in value for value in sealed)


def test_v11_3_2_every_changed_bit_is_noticed() -> None:
    sealed = vault.seal(KEY, WORDS, HERE)
    for place, bit in itertools.product(range(len(sealed)), range(8)):
        changed = bytearray(sealed)
        changed[place] ^= 1 << bit
        with pytest.raises(Broken):
            vault.unseal(KEY, bytes(changed), HERE)


def test_every_shorter_or_longer_value_is_noticed() -> None:
    sealed = vault.seal(KEY, WORDS, HERE)
    for cut in [*(sealed[:n] for n in range(len(sealed))), sealed + b"\0", sealed + sealed, sealed[1:]]:
        with pytest.raises(Broken):
            vault.unseal(KEY, cut, HERE)


def test_no_other_version_opens() -> None:
    sealed = vault.seal(KEY, WORDS, HERE)
    for version in set(range(256)) - {1}:
        with pytest.raises(Broken):
            vault.unseal(KEY, bytes([version]) + sealed[1:], HERE)


def test_noise_never_opens_and_never_raises_anything_else() -> None:
    noise = random.Random(7)
    for _ in range(2000):
        with pytest.raises(Broken):
            vault.unseal(KEY, b"\x01" + noise.randbytes(noise.randrange(80)), HERE)


@pytest.mark.parametrize(
    "elsewhere",
    [
        vault.place(OTHER_PROGRAM, "entry", "words", ROW),
        vault.place(PROGRAM, "review", "words", ROW),
        vault.place(PROGRAM, "entry", "title", ROW),
        vault.place(PROGRAM, "entry", "words", OTHER_ROW),
        b"",
        HERE + b"|1",
    ],
    ids=["program", "table", "column", "row", "nowhere", "said twice"],
)
def test_v11_3_3_a_value_moved_elsewhere_does_not_open(elsewhere: bytes) -> None:
    with pytest.raises(Broken):
        vault.unseal(KEY, vault.seal(KEY, WORDS, HERE), elsewhere)


def test_a_place_is_written_as_the_design_says() -> None:
    assert f"{PROGRAM}|entry|words|{ROW}".encode() == HERE


def test_another_key_does_not_open_it_and_nothing_says_why() -> None:
    with pytest.raises(Broken) as raised:
        vault.unseal(vault.new_key(), vault.seal(KEY, WORDS, HERE), HERE)
    assert str(raised.value) == ""
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__


@pytest.mark.parametrize("length", [0, 16, 24, 31, 33, 64])
def test_a_key_of_another_length_is_a_mistake_of_ours(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        vault.seal(bytes(length), WORDS, HERE)
    with pytest.raises(ValueError, match="32 bytes"):
        vault.unseal(bytes(length), vault.seal(KEY, WORDS, HERE), HERE)
    with pytest.raises(ValueError, match="32 bytes"):
        vault.wrap(KEY, bytes(length), HERE)
    with pytest.raises(ValueError, match="32 bytes"):
        Master(bytes(length))


# --- keys in keys


def test_a_wrapped_key_opens_with_its_outer_key_in_its_place_only() -> None:
    key = vault.new_key()
    wrapped = vault.wrap(KEY, key, HERE)
    assert vault.unwrap(KEY, wrapped, HERE) == key
    for outer, place in [(vault.new_key(), HERE), (KEY, HERE + b"x")]:
        with pytest.raises(Broken):
            vault.unwrap(outer, wrapped, place)


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_what_is_not_a_key_does_not_unwrap(length: int) -> None:
    with pytest.raises(Broken):
        vault.unwrap(KEY, vault.seal(KEY, bytes(length), HERE), HERE)


def test_new_keys_are_whole_and_differ() -> None:
    keys = {vault.new_key() for _ in range(1000)}
    assert len(keys) == 1000
    assert {len(key) for key in keys} == {32}


# --- the master key's file


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "master.key"


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def written(path: Path, text: str | bytes, mode: int = 0o600) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    path.chmod(mode)
    return path


def refusal(act: Callable[[Path], object], path: Path) -> str:
    """What is said when the key cannot be used: always one sentence, with the place and without the key."""
    with pytest.raises(KeyTrouble) as raised:
        act(path)
    said = str(raised.value)
    assert re.fullmatch(r"[A-Z][^\n]*\.", said), said
    assert str(path) in said
    assert not re.search(r"[A-Za-z0-9_-]{40}", said.replace(str(path), ""))
    return said


def test_a_made_key_reads_back_as_itself(path: Path) -> None:
    made = Master.create(path)
    assert Master.read(path) == made
    assert made != Master.create(path.with_name("other.key"))


@pytest.mark.usefixtures("open_umask")
def test_v13_3_2_only_we_can_open_the_file_and_the_folders_made_for_it(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "master.key"
    Master.create(path)
    assert [mode(path), mode(path.parent), mode(path.parent.parent)] == [0o600, 0o700, 0o700]


def test_a_folder_that_was_there_is_left_as_it_was(path: Path) -> None:
    path.parent.mkdir()
    path.parent.chmod(0o755)
    Master.create(path)
    assert mode(path.parent) == 0o755


def test_the_file_is_one_line_of_text_with_its_form_in_front(path: Path) -> None:
    Master.create(path)
    assert re.fullmatch(r"footbridge-key-1 [A-Za-z0-9_-]{48}\n", path.read_text())


@pytest.mark.parametrize("there", ["", "something else", "footbridge-key-1"])
def test_nothing_is_written_over(path: Path, there: str) -> None:
    written(path, there)
    assert "already" in refusal(Master.create, path)
    assert path.read_text() == there


def test_a_link_to_nowhere_is_not_followed(path: Path, tmp_path: Path) -> None:
    path.parent.mkdir()
    path.symlink_to(tmp_path / "elsewhere")
    assert "already" in refusal(Master.create, path)
    assert not (tmp_path / "elsewhere").exists()


def test_a_key_is_on_the_disk_with_its_name_and_its_folders_name(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settled: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda file: settled.append(os.fstat(file).st_ino))
    Master.create(path)
    assert settled == [place.stat().st_ino for place in (path.parent.parent, path, path.parent)]


def test_a_full_disk_leaves_no_half_key(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_file: int) -> None:
        raise OSError(28, "No space left on device")

    path.parent.mkdir()
    monkeypatch.setattr(os, "fsync", full)
    assert "No space left" in refusal(Master.create, path)
    assert not path.exists()


def test_a_folder_that_is_a_file_is_said_as_it_is(path: Path) -> None:
    path.parent.write_text("")
    assert "Not a directory" in refusal(Master.create, path)
    assert "Not a directory" in refusal(Master.read, path)


def test_f19_no_key_is_said_and_none_is_made(path: Path) -> None:
    assert "no key" in refusal(Master.read, path)
    assert not path.parent.exists()


@pytest.mark.parametrize("bit", [0o040, 0o020, 0o010, 0o004, 0o002, 0o001, 0o044, 0o077])
def test_v13_3_2_a_key_that_others_may_open_is_refused(path: Path, bit: int) -> None:
    Master.create(path)
    path.chmod(0o600 | bit)
    assert "chmod 600" in refusal(Master.read, path)


@pytest.mark.parametrize("fine", [0o600, 0o400])
def test_a_key_of_our_own_is_read(path: Path, fine: int) -> None:
    made = Master.create(path)
    path.chmod(fine)
    assert Master.read(path) == made


GOOD = "footbridge-key-1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "footbridge-key-1",
        GOOD,  # no check
        GOOD + "AAAAAA",  # one too many
        GOOD.replace("-1", "-2") + "AAAAA",
        GOOD.replace("footbridge-key-1 ", "") + "AAAAA",
        GOOD.replace("AAEC", "AA+/") + "AAAAA",
        GOOD + "AAAA=",
        GOOD + "AAAAé",
        bytes(range(128, 160)),
        b"\xff\xfe" + GOOD.encode("utf-16-le"),
        "x" * 1_000_000,
    ],
)
def test_f19_what_is_not_a_key_is_said(path: Path, text: str | bytes) -> None:
    assert "not a Footbridge key" in refusal(Master.read, written(path, text))


def test_a_mistyped_recovery_sheet_is_noticed_wherever_the_mistake_is(path: Path) -> None:
    Master.create(path)
    text = path.read_text().rstrip("\n")
    for place in range(len("footbridge-key-1 "), len(text)):
        for wrong in "Il1O0-_".replace(text[place], ""):
            mistyped = text[:place] + wrong + text[place + 1 :]
            assert "typing mistake" in refusal(Master.read, written(path, mistyped))


def test_two_letters_changed_about_are_noticed(path: Path) -> None:
    Master.create(path)
    text = path.read_text().rstrip("\n")
    for place in range(len("footbridge-key-1 "), len(text) - 1):
        turned = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
        if turned != text:
            assert "typing mistake" in refusal(Master.read, written(path, turned))


@pytest.mark.parametrize("between", [" ", "  ", "\n", "\r\n"])
def test_a_key_typed_in_groups_is_the_same_key(path: Path, between: str) -> None:
    made = Master.create(path)
    form, key = path.read_text().split()
    groups = between.join(key[n : n + 4] for n in range(0, 48, 4))
    assert Master.read(written(path, f"  {form} {groups}\n\n")) == made


def test_a_folder_or_a_pipe_is_not_a_key_and_nobody_waits_for_it(path: Path) -> None:
    path.mkdir(parents=True)
    refusal(Master.read, path)
    os.mkfifo(path.with_name("pipe"), 0o600)
    assert "not a file" in refusal(Master.read, path.with_name("pipe"))


def test_a_key_that_we_may_not_open_is_said(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    Master.create(path)
    monkeypatch.setattr(os, "open", closed)
    assert "Permission denied" in refusal(Master.read, path)
    assert "Permission denied" in refusal(Master.create, path.with_name("new.key"))


# --- what hangs from the master key

PURPOSES = ["database file", "names", "access log", "program keys", "fingerprint"]


@pytest.mark.parametrize("purpose", PURPOSES)
def test_derived_keys_are_hkdf_sha256(purpose: str) -> None:
    # RFC 5869, one block, no salt.
    extracted = hmac.digest(bytes(32), KEY, "sha256")
    expanded = hmac.digest(extracted, b"footbridge|" + purpose.encode() + b"\x01", "sha256")
    assert Master(KEY).derive(purpose) == expanded


def test_every_purpose_and_every_master_has_its_own_key() -> None:
    masters = [Master(vault.new_key()) for _ in range(10)]
    keys = {master.derive(purpose) for master in masters for purpose in PURPOSES}
    assert len(keys) == len(masters) * len(PURPOSES)
    assert not keys & {master.key for master in masters}
    assert masters[0].derive("names") == masters[0].derive("names")


def test_a_program_key_is_wrapped_by_a_derived_key_and_opens_with_its_master_only() -> None:
    key, master = vault.new_key(), Master(KEY)
    wrapped = master.wrap(key, HERE)
    assert master.unwrap(wrapped, HERE) == key
    with pytest.raises(Broken):
        Master(vault.new_key()).unwrap(wrapped, HERE)
    with pytest.raises(Broken):
        master.unwrap(wrapped, HERE + b"x")
    with pytest.raises(Broken):
        vault.unwrap(master.key, wrapped, HERE)


def test_a_fingerprint_tells_keys_apart_and_tells_nothing_of_them() -> None:
    masters = [Master(vault.new_key()) for _ in range(100)]
    prints = [master.fingerprint() for master in masters]
    assert len(set(prints)) == 100
    assert prints == [Master(master.key).fingerprint() for master in masters]
    for master, shown in zip(masters, prints, strict=True):
        assert re.fullmatch(r"[0-9a-f]{12}", shown)
        assert shown not in master.key.hex() + hashlib.sha256(master.key).hexdigest()


def test_a_master_key_does_not_print_itself() -> None:
    master = Master(b"k" * 32)
    assert "kkkk" not in f"{master!r} {master}"


# --- names and tokens


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ana@example.org", "Ana@Example.ORG"),
        ("ana@example.org", "  ana@example.org\t\n"),
        ("ana@example.org", "\u00a0ana@example.org\u3000"),
        ("ana@example.org", "ａｎａ@example.org"),
        ("José", "JOSE\u0301"),
        ("strasse", "STRAẞE"),
        ("ana maria", "Ana   MARIA"),
        ("ﬁona", "FIONA"),
        ("№ 5", "no 5"),
        ("Ϊ\u0301ος", "ΐος"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
    ],
)
def test_a_name_is_found_however_it_was_typed(one: str, other: str) -> None:
    assert vault.name_hash(KEY, one) == vault.name_hash(KEY, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("ana", "anna"), ("jose", "josé"), ("ana@example.org", "ana@example.com"), ("a b", "ab"), ("", "x")],
)
def test_other_names_are_other_people(one: str, other: str) -> None:
    assert vault.name_hash(KEY, one) != vault.name_hash(KEY, other)


def test_a_name_cannot_be_looked_up_without_the_key() -> None:
    found = vault.name_hash(KEY, "ana@example.org")
    assert found == hmac.digest(KEY, b"ana@example.org", "sha256")
    assert found != vault.name_hash(vault.new_key(), "ana@example.org")


def test_any_text_has_a_hash_and_typing_it_differently_twice_changes_nothing() -> None:
    for code in [*range(0x3000), *range(0xD7F0, 0xE010), *range(0xF900, 0xFFFF), *range(0x1D400, 0x1D800)]:
        letter = chr(code)
        assert vault.name_hash(KEY, letter) == vault.name_hash(KEY, f" {letter} ")
        assert len(vault.name_hash(KEY, letter)) == 32


def test_v11_5_1_tokens_are_256_bits_fit_for_a_link() -> None:
    tokens = {vault.token() for _ in range(1000)}
    assert len(tokens) == 1000
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", token) for token in tokens)


def test_v7_2_a_token_is_kept_as_sha256_and_any_cookie_has_one() -> None:
    assert vault.token_hash("abc") == hashlib.sha256(b"abc").digest()
    for odd in ["", "é", "\0", "\udcff", "x" * 100_000]:
        assert len(vault.token_hash(odd)) == 32


# --- the wall around it


def test_nobody_else_imports_the_library() -> None:
    app = Path(vault.__file__).parents[1]
    importers = {
        path.relative_to(app).as_posix()
        for path in app.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        for name in imported(node)
        if name.split(".")[0] == "cryptography"
    }
    assert importers == {"lib/vault.py"}


def imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


@pytest.mark.skipif(os.geteuid() != 0, reason="a credential is root's, and this is not root")
@pytest.mark.parametrize(
    ("mode", "here", "reads"),
    [(0o440, True, True), (0o440, False, False), (0o444, True, False), (0o640, True, False), (0o400, False, True)],
)
def test_v13_3_1_a_credential_that_systemd_hands_over_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int, here: bool, reads: bool
) -> None:
    Master.create(path := tmp_path / "credentials" / "master.key")
    path.chmod(mode)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(path.parent if here else tmp_path))
    if reads:
        assert Master.read(path).fingerprint()
    else:
        with pytest.raises(KeyTrouble, match="Other people may read"):
            Master.read(path)
