"""A bag: what is written is BagIt, and whatever happens to it afterwards is found."""

import base64
import hashlib
import json
import os
import shutil
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import bagit
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from peakops import bag
from peakops.bag import layout
from peakops.errors import BadInput, NotConfigured, NotFound, Refused, UsageFault

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = PRIVATE.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
PUBLIC = base64.b64encode(PRIVATE.public_key().public_bytes_raw()).decode()
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
OTHER_KEY = OTHER.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
FILES = {"looks.json": b'{"looks": 2}\n', "looks/sessions.ndjson": b'{"ip": "203.0.113.7"}\n' * 3, "empty.txt": b""}
TAG_FILES = ("bagit.txt", "bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt", "seal.json")
INFO = {"Bagging-Date": "2026-11-20", "Source-Organization": "Peak Dental Studio"}


def made(folder: Path, files: dict[str, bytes] = FILES, key: str | None = KEY) -> bag.Made:
    """A bag of these files."""
    return bag.write(folder, ((name, (text,)) for name, text in files.items()), INFO, key=key)


def faults(folder: Path, public: str | None = PUBLIC) -> dict[str, str]:
    """What is wrong with a bag, by file."""
    return {each.path: each.what for each in bag.check(folder, public).faults}


def remade(folder: Path) -> None:
    """What somebody does who has changed a file and knows how a bag is made: every manifest anew."""

    def listed(names: Iterator[Path]) -> bytes:
        return layout.lines({str(each.relative_to(folder)): _digest(each) for each in names})

    (folder / "manifest-sha256.txt").write_bytes(
        listed(each for each in (folder / "data").rglob("*") if each.is_file())
    )
    tags = ("bagit.txt", "bag-info.txt", "manifest-sha256.txt")
    (folder / "tagmanifest-sha256.txt").write_bytes(listed(folder / each for each in tags))


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sealed bag that tests change and put back."""
    return made(tmp_path_factory.mktemp("bags") / "sealed").path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A sealed bag of one test's own."""
    return made(tmp_path / "evidence").path


def test_a_bag_that_nobody_touched_has_no_fault_and_its_seal_holds(folder: Path) -> None:
    """The seal is by the expected key, which may be given in base64 or as PEM."""
    pem = PRIVATE.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    for public in (PUBLIC, pem, pem.replace("\n", "\\n")):
        found = bag.check(folder, public)
        assert () == found.faults
        assert "sealed" == found.sealed
        assert (3, sum(map(len, FILES.values()))) == (found.files, found.bytes)


def test_the_library_of_congress_finds_the_bag_valid(folder: Path) -> None:
    """bagit, which others check bags with, takes what we write, the seal beside it included."""
    theirs = bagit.Bag(str(folder))
    theirs.validate()
    assert [1, 0] == list(theirs.version_info)
    assert f"{sum(map(len, FILES.values()))}.3" == theirs.info["Payload-Oxum"]
    assert "Peak Dental Studio" == theirs.info["Source-Organization"]


def test_only_its_owner_may_read_a_bag(folder: Path) -> None:
    """Folders 0700, files 0600."""
    modes = {path.is_dir(): path.stat().st_mode & 0o777 for path in (folder, *folder.rglob("*"))}
    assert {True: 0o700, False: 0o600} == modes


def test_the_same_files_give_the_same_digest_whatever_their_order(tmp_path: Path) -> None:
    """The digest names the evidence: it can be compared with what a journal says."""
    one = made(tmp_path / "one")
    two = made(tmp_path / "two", dict(reversed(FILES.items())))
    assert one.digest == two.digest == bag.check(two.path, PUBLIC).digest


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from((*TAG_FILES, *(f"data/{name}" for name, text in FILES.items() if text))), data=st.data())
def test_one_bit_flipped_anywhere_in_a_sealed_bag_is_found(sealed: Path, name: str, data: st.DataObject) -> None:
    """In the payload, the manifests, bagit.txt, bag-info.txt and the seal itself."""
    path = sealed / name
    text = path.read_bytes()
    place, bit = data.draw(st.integers(0, len(text) - 1)), data.draw(st.integers(0, 7))
    path.write_bytes(bytes([*text[:place], text[place] ^ 1 << bit, *text[place + 1 :]]))
    try:
        found = bag.check(sealed, PUBLIC)
        assert found.faults or found.sealed == "unknown_key"
        assert name in {each.path for each in found.faults} or not name.startswith("data/")
    finally:
        path.write_bytes(text)


@pytest.mark.parametrize("name", TAG_FILES)
def test_every_single_bit_of_what_describes_a_bag_is_held(tmp_path: Path, name: str) -> None:
    """All of them, not a sample: a manifest that is read generously would let some pass."""
    sealed = made(tmp_path / "evidence", {"a": b"a"}).path
    path = sealed / name
    text = path.read_bytes()
    passed = []
    for place in range(len(text)):
        for bit in range(8):
            path.write_bytes(bytes([*text[:place], text[place] ^ 1 << bit, *text[place + 1 :]]))
            found = bag.check(sealed, PUBLIC)
            passed += [(place, bit)] if not found.faults and found.sealed == "sealed" else []
    assert [] == passed


@pytest.mark.parametrize("name", TAG_FILES[:-1])
def test_every_single_bit_is_held_without_a_seal_too(tmp_path: Path, name: str) -> None:
    """Damage is found by the manifests alone; what they cannot find is intent."""
    folder = made(tmp_path / "evidence", key=None).path
    text = (folder / name).read_bytes()
    passed = []
    for place in range(len(text)):
        (folder / name).write_bytes(bytes([*text[:place], text[place] ^ 1 << place % 8, *text[place + 1 :]]))
        passed += [place] if not faults(folder) else []
    assert [] == passed


@pytest.mark.parametrize("name", [*TAG_FILES, *(f"data/{name}" for name in FILES)])
def test_a_file_that_was_taken_away_is_missed(folder: Path, name: str) -> None:
    """The seal too: bag-info.txt says that there was one."""
    (folder / name).unlink()
    assert "missing" == faults(folder)[name]


@pytest.mark.parametrize("name", [*TAG_FILES, *(f"data/{name}" for name, text in FILES.items() if text)])
def test_a_file_that_was_cut_short_is_found(folder: Path, name: str) -> None:
    """To its half, to nothing, and by one byte."""
    text = (folder / name).read_bytes()
    for left in (text[: len(text) // 2], b"", text[:-1]):
        (folder / name).write_bytes(left)
        assert {"changed", "seal"} & {faults(folder).get(name)}


@pytest.mark.parametrize("name", ["note.txt", "data/note.txt", "data/looks/note.txt", "data/.hidden", "data/bad\udcff"])
def test_a_file_that_was_added_is_named(folder: Path, name: str) -> None:
    """Anywhere in the folder, by its name; bytes that are no UTF-8 are escaped."""
    (folder / name).write_bytes(b"")
    assert {name.replace("\udcff", "\\xff"): "added"} == faults(folder)


def test_an_empty_folder_a_link_and_a_pipe_are_added_too(folder: Path) -> None:
    """What is no file, and what leads elsewhere, is never followed."""
    (folder / "data/void").mkdir()
    (folder / "data/link").symlink_to("/etc/hostname")
    (folder / "data/loop").symlink_to(folder)
    os.mkfifo(folder / "data/pipe")
    expected = {"data/void/": "added", "data/link": "added", "data/loop": "added", "data/pipe": "added"}
    assert expected == faults(folder)


@pytest.mark.parametrize("name", ["data/looks.json", "bagit.txt", "seal.json"])
def test_a_file_that_became_a_link_is_changed(folder: Path, tmp_path: Path, name: str) -> None:
    """Even where what it leads to has the same bytes."""
    shutil.move(folder / name, tmp_path / "elsewhere")
    (folder / name).symlink_to(tmp_path / "elsewhere")
    assert "changed" == faults(folder)[name]


def test_a_folder_that_became_a_link_misses_its_files(folder: Path, tmp_path: Path) -> None:
    """A way through a link is no way."""
    shutil.move(folder / "data/looks", tmp_path / "looks")
    (folder / "data/looks").symlink_to(tmp_path / "looks")
    assert {"data/looks": "added", "data/looks/sessions.ndjson": "missing"} == faults(folder)


def test_a_renamed_file_is_missing_and_added(folder: Path) -> None:
    """Both names are said."""
    (folder / "data/looks.json").rename(folder / "data/looked.json")
    assert {"data/looks.json": "missing", "data/looked.json": "added"} == faults(folder)


def test_a_file_that_cannot_be_read_is_said_so(folder: Path) -> None:
    """A folder in the place of a file is a change; that nothing was read of it is no silence."""
    (folder / "data/looks.json").unlink()
    (folder / "data/looks.json").mkdir()
    assert {"data/looks.json": "changed"} == faults(folder)


def test_manifests_made_anew_after_an_edit_are_found_by_the_seal(folder: Path) -> None:
    """That is what the seal is for: bagit itself finds such a bag valid."""
    (folder / "data/looks.json").write_bytes(b'{"looks": 1}\n')
    remade(folder)
    bagit.Bag(str(folder)).validate()
    found = bag.check(folder, PUBLIC)
    assert "forged" == found.sealed
    assert {"seal.json": "seal"} == faults(folder)


def test_without_a_seal_an_edit_with_new_manifests_passes_and_the_bag_says_that_it_is_unsealed(tmp_path: Path) -> None:
    """Nothing can find it; so the answer must never be that all is well."""
    folder = made(tmp_path / "evidence", key=None).path
    (folder / "data/looks.json").write_bytes(b'{"looks": 1}\n')
    remade(folder)
    assert ((), "unsealed") == bag.check(folder, PUBLIC)[:2]


def test_a_seal_by_another_key_is_of_an_unknown_key(tmp_path: Path) -> None:
    """It holds, and not by the key that is expected; so it is where none is expected."""
    folder = made(tmp_path / "evidence", key=OTHER_KEY).path
    assert ((), "unknown_key") == bag.check(folder, PUBLIC)[:2]
    assert ((), "unknown_key") == bag.check(folder, None)[:2]
    assert bag.key_id(OTHER.public_key().public_bytes_raw()) == bag.check(folder, PUBLIC).key


def test_a_seal_that_names_the_expected_key_and_is_by_another_is_forged(folder: Path, tmp_path: Path) -> None:
    """The signature decides, not the name beside it."""
    other = made(tmp_path / "other", key=OTHER_KEY).path
    seal = json.loads((other / "seal.json").read_text()) | {"public_key": PUBLIC}
    (folder / "seal.json").write_text(json.dumps(seal, indent=2) + "\n")
    assert "forged" == bag.check(folder, PUBLIC).sealed


@pytest.mark.parametrize(
    "name", ["../up", "/etc/passwd", "a/../../b", "./a", "a//b", "", "~root/x", "a\\b", "a\0b", "bad\udcff", "x" * 5000]
)
def test_a_name_that_leads_out_of_the_bag_is_refused(tmp_path: Path, name: str) -> None:
    """Nothing is left of the bag that was begun."""
    with pytest.raises(BadInput):
        made(tmp_path / "evidence", {"good.txt": b"good", name: b"bad"})
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["data/../../outside", "/etc/hostname", "data/./looks.json", "other/looks.json"])
def test_a_manifest_with_a_name_that_leads_out_of_the_bag_is_changed(folder: Path, name: str) -> None:
    """The name is never opened, whatever its digest."""
    outside = folder.parent / "outside"
    outside.write_bytes(b"outside")
    line = f"{_digest(outside)}  {name}\n".encode()
    text = (folder / "manifest-sha256.txt").read_bytes()
    (folder / "manifest-sha256.txt").write_bytes(b"".join(sorted([*text.splitlines(keepends=True), line])))
    tags = ("bagit.txt", "bag-info.txt", "manifest-sha256.txt")
    (folder / "tagmanifest-sha256.txt").write_bytes(layout.lines({each: _digest(folder / each) for each in tags}))
    assert "changed" == faults(folder)["manifest-sha256.txt"]


ODD = ["a\nb", "a\rb", "100%", "%0A", " leading", "trailing ", "Größe", "d/e f/g"]


@pytest.mark.parametrize("name", ODD)
def test_an_odd_name_is_kept_as_it_is(tmp_path: Path, name: str) -> None:
    """Line ends and percent signs are encoded in the manifest, as RFC 8493 says, and nothing else is."""
    folder = made(tmp_path / "evidence", {name: b"x"}).path
    assert b"x" == (folder / "data" / name).read_bytes()
    assert {} == faults(folder)
    (folder / "data" / name).write_bytes(b"y")
    assert {f"data/{name}": "changed"} == faults(folder)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_a_name_comes_back_from_a_manifest(name: str) -> None:
    """Whatever it holds, and on one line."""
    assert name == layout.decoded(layout.encoded(name))
    assert not {"\n", "\r"} & set(layout.encoded(name))


@pytest.mark.parametrize("pair", [("a.txt", "A.TXT"), ("é.txt", unicodedata.normalize("NFD", "é.txt")), ("a", "a")])
def test_two_names_that_are_one_elsewhere_are_refused(tmp_path: Path, pair: tuple[str, str]) -> None:
    """A bag that is copied to another system must not lose a file."""
    with pytest.raises(BadInput):
        bag.write(tmp_path / "evidence", ((name, (b"x",)) for name in pair), INFO, key=None)


def test_a_folder_that_is_there_is_never_written_over(folder: Path, tmp_path: Path) -> None:
    """Nor an empty one, nor a link that leads nowhere."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    for each in (folder, tmp_path / "empty", tmp_path / "dangling"):
        with pytest.raises(Refused):
            made(each)
    assert {} == faults(folder)


def test_what_goes_wrong_halfway_leaves_nothing(tmp_path: Path) -> None:
    """Whatever it was, and it is raised as it was."""

    def broken() -> Iterator[bytes]:
        yield b"half"
        raise NotFound("The other half is gone.")

    with pytest.raises(NotFound):
        bag.write(tmp_path / "evidence", [("half.txt", broken())], INFO, key=KEY)
    assert [] == list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_a_bad_key_and_a_bad_line_are_said(tmp_path: Path) -> None:
    """Each by its own error, and nothing is left."""
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageFault):
        made(tmp_path / "file" / "evidence")
    with pytest.raises(NotConfigured, match="PEAKOPS_EVIDENCE_KEY"):
        made(tmp_path / "evidence", key="-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----")
    with pytest.raises(BadInput, match="more than one line"):
        bag.write(tmp_path / "evidence", [], {"External-Description": "a\nSeal: none"}, key=None)
    assert ["file"] == [each.name for each in tmp_path.iterdir()]


def test_no_folder_is_not_found_and_a_folder_that_is_no_bag_misses_everything(tmp_path: Path) -> None:
    """An empty folder is never intact."""
    with pytest.raises(NotFound):
        bag.check(tmp_path / "nowhere", PUBLIC)
    expected = dict.fromkeys(TAG_FILES[:-1], "missing")
    assert expected == faults(tmp_path)


def test_an_empty_bag_is_a_bag(tmp_path: Path) -> None:
    """Nothing was found is evidence too."""
    assert ((), "sealed") == bag.check(made(tmp_path / "evidence", {}).path, PUBLIC)[:2]


@pytest.mark.parametrize("inside", [(), ("note.txt",)])
def test_a_folder_that_appears_meanwhile_is_left_as_it_is(tmp_path: Path, inside: tuple[str, ...]) -> None:
    """Empty or not: the system itself would take an empty one's place."""

    def files() -> Iterator[tuple[str, tuple[bytes]]]:
        (tmp_path / "evidence").mkdir()
        for name in inside:
            (tmp_path / "evidence" / name).write_bytes(b"theirs")
        yield "a.txt", (b"a",)

    with pytest.raises(Refused):
        bag.write(tmp_path / "evidence", files(), INFO, key=KEY)
    assert ["evidence"] == [each.name for each in tmp_path.iterdir()]
    assert list(inside) == [each.name for each in (tmp_path / "evidence").iterdir()]


def test_a_folder_above_another_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """And the other is not made for it."""
    with pytest.raises(Refused):
        made(tmp_path / "new" / "..")
    assert [] == list(tmp_path.iterdir())


def test_a_name_that_no_folder_can_have_is_no_folder(tmp_path: Path) -> None:
    """The system's complaint about its length is no bug of ours."""
    with pytest.raises(NotFound):
        bag.check(tmp_path / ("x" * 5000), PUBLIC)
