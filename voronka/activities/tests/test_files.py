"""Files: what they are is told by their content, they go where their record goes, and nobody else finds them."""

import io
import struct
import tarfile
import zipfile
import zlib
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from voronka.accounts.actions import issue_token
from voronka.accounts.tests import make as people
from voronka.activities import actions, files, jobs
from voronka.activities.models import Attachment
from voronka.cli import archive
from voronka.core import actions as kernel
from voronka.core.errors import RuleBroken
from voronka.partners import merge
from voronka.partners.models import Partner
from voronka.partners.tests import make


def picture():
    """A PNG of one red point."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\x00\xff\x00\x00")) + chunk(b"IEND", b"")


def packed(entries):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in entries.items():
            made.writestr(name, data)
    return target.getvalue()


PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
BOMB = packed({"zeros": b"\0" * 30_000_000})
DOCX = packed({"[Content_Types].xml": "<Types/>", "_rels/.rels": "<R/>", "word/document.xml": "<w/>"})
HTML = b"<!DOCTYPE html><script>alert(1)</script>"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (picture(), "image/png"), (PDF, "application/pdf"), (BOMB, "application/zip"), (HTML, "text/html"), ("Привет".encode(), "text/plain"),
        ("Привет".encode("cp1251"), "text/plain"), (b'\n <svg onload="x()">', "text/html"), (b"\x00\x01\x02", "application/octet-stream"),
        (DOCX, files.PACKED[b"word"]), (b"MZ\x90\x00", "application/vnd.microsoft.portable-executable"),
    ],
)  # fmt: skip
def test_what_a_file_is_is_told_by_its_content(content, kind):
    assert files.media_type(content[: files.HEAD], content[-files.HEAD :]) == kind


@pytest.mark.parametrize(
    ("given_name", "name"),
    [
        ("../../etc/passwd", "passwd"), ("C:\\temp\\договор.pdf", "договор.pdf"), ("..", "file"), ("", "file"), ("a\x00b\r\nc.txt", "ab c.txt"),
        ("invoice\u202egpj.exe", "invoicegpj.exe"), ("Коммерческое предложение № 5.docx", "Коммерческое предложение № 5.docx"), ('a"b<c>.txt', "a_b_c_.txt"),
        ("я" * 300 + ".pdf", "я" * 196 + ".pdf"), ("x" * 300, "x" * 200), (".htaccess", "htaccess"),
    ],
)  # fmt: skip
def test_a_name_is_cleaned(given_name, name):
    assert files.clean_name(given_name) == name


@given(st.text(max_size=400))
def test_a_clean_name_is_clean_whatever_was_given(text):
    name = files.clean_name(text)
    assert 0 < len(name) <= files.NAME_LENGTH
    assert not set(name) & set("/\\\x00\r\n\u202e")
    assert not name.startswith(".")
    assert files.clean_name(name) == name


@pytest.fixture
def attach(world):
    def attached(content=PDF, name="contract.pdf", by=world.alice, **record):
        return actions.attach(ContentFile(content), name, **({"partner": world.partner} | record), by=by)

    return attached


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [(b"", "empty.txt", "empty"), (b"x" * 2000, "large.txt", "too_large"), (b"MZ\x90", "photo.jpg", "program"), (b"alert(1)", "run.JS", "program")],
)  # fmt: skip
def test_what_is_not_taken_leaves_nothing(attach, settings, content, name, code):
    settings.FILE_MAX_BYTES = 1500
    with pytest.raises(RuleBroken) as refused:
        attach(content, name)
    assert (refused.value.code, Attachment.objects.count()) == (code, 0)
    assert [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()] == []


def test_where_a_file_lies_says_nothing_of_its_name(attach, settings):
    made = attach(name="../../тайна.pdf")
    assert (made.name, made.media_type, made.size) == ("тайна.pdf", "application/pdf", len(PDF))
    path = Path(made.file.path)
    assert path.is_relative_to(Path(settings.MEDIA_ROOT) / "attachments")
    assert "тайна" not in str(path)
    assert path.read_bytes() == PDF


def sent(client, address, *files):
    return client.post(
        address,
        {"files": [SimpleUploadedFile(name, content) for name, content in files]},
        headers={"HX-Request": "true"},
    )


def test_several_files_come_by_the_page_and_the_bad_one_is_named(world, sign_in):
    address = reverse("activities:files_of_partner", args=[world.partner.pk])
    client = sign_in(world.alice)
    shown = sent(client, address, ("счёт.pdf", PDF), ("empty.txt", b""), ("a.png", picture())).content.decode()
    assert "счёт.pdf" in shown
    assert "a.png" in shown
    assert "“empty.txt” is empty." in shown
    assert Attachment.objects.count() == 2
    assert "счёт.pdf" in client.get(address).content.decode()


@pytest.mark.parametrize(
    ("content", "name", "show", "kind", "disposition"),
    [
        (picture(), "a.png", "?show=1", "image/png", "inline"), (PDF, "a.pdf", "?show=1", "application/pdf", "inline"), (PDF, "a.pdf", "", "application/pdf", "attachment"),
        (HTML, "photo.png", "?show=1", "application/octet-stream", "attachment"), (b"<svg/>", "a.svg", "?show=1", "application/octet-stream", "attachment"),
        (BOMB, "a.pdf", "?show=1", "application/zip", "attachment"),
    ],
)  # fmt: skip
def test_a_file_opens_only_if_it_can_do_no_harm(attach, world, sign_in, content, name, show, kind, disposition):
    answer = sign_in(world.alice).get(reverse("activities:file", args=[attach(content, name).pk]) + show)
    assert (answer["Content-Type"], answer["Content-Disposition"].split(";")[0]) == (kind, disposition)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert b"".join(answer.streaming_content) == content


def test_a_name_in_any_letters_survives_the_header(attach, world, sign_in):
    answer = sign_in(world.alice).get(reverse("activities:file", args=[attach(name='Счёт "№ 5"\r\nX-Evil: 1.pdf').pk]))
    assert "filename*=utf-8''" in answer["Content-Disposition"]
    assert "\n" not in answer["Content-Disposition"]


def test_strangers_find_no_file_and_readers_delete_none(attach, world, sign_in):
    made, theirs = attach(), attach(by=world.bob)
    addresses = [reverse(f"activities:{name}", args=[made.pk]) for name in ("file", "file_delete", "file_restore")]
    listed = reverse("activities:files_of_partner", args=[world.partner.pk])
    charlie = sign_in(world.charlie)
    assert [charlie.get(addresses[0]).status_code, *(charlie.post(one).status_code for one in addresses[1:])] == [
        404
    ] * 3
    assert charlie.get(listed).status_code == 404
    assert sent(charlie, listed, ("a.pdf", PDF)).status_code == 404
    observer = sign_in(people.user("Olga", "observer"))
    assert observer.get(addresses[0]).status_code == 200
    assert observer.post(addresses[1]).status_code == 404
    assert sent(observer, listed, ("a.pdf", PDF)).status_code == 403
    assert sign_in(world.alice).post(reverse("activities:file_delete", args=[theirs.pk])).status_code == 302


def test_an_opportunitys_file_is_seen_by_its_owner_without_the_partner(attach, world, sign_in):
    type(world.opportunity).objects.filter(pk=world.opportunity.pk).update(owner=world.charlie)
    of_deal, of_partner = attach(opportunity=world.opportunity), attach()
    charlie = sign_in(world.charlie)
    assert charlie.get(reverse("activities:file", args=[of_deal.pk])).status_code == 200
    assert charlie.get(reverse("activities:file", args=[of_partner.pk])).status_code == 404
    shown = charlie.get(reverse("activities:files_of_opportunity", args=[world.opportunity.pk])).content.decode()
    assert "contract.pdf" in shown


def test_a_deleted_file_is_taken_back(attach, world, sign_in):
    made, client = attach(), sign_in(world.alice)
    client.post(reverse("activities:file_delete", args=[made.pk]))
    assert client.get(reverse("activities:file", args=[made.pk])).status_code == 404
    client.post(reverse("activities:file_restore", args=[made.pk]))
    assert client.get(reverse("activities:file", args=[made.pk])).status_code == 200


def test_files_go_and_come_back_with_their_record(attach, world):
    attach()
    attach(opportunity=world.opportunity)
    seen = Attachment.objects.visible_to(world.alice)
    assert seen.count() == 2
    kernel.delete(world.opportunity, by=world.alice)
    assert seen.count() == 1
    kernel.delete(world.partner, by=world.alice)
    assert seen.count() == 0
    kernel.restore(world.partner, by=world.alice)
    kernel.restore(world.opportunity, by=world.alice)
    assert seen.count() == 2


def test_files_follow_a_merge_and_its_undoing(attach, world):
    twin = make.partner(world.alice, "ООО Romashka")
    attach(partner=twin)
    done = merge.merge(world.partner, twin, {}, by=world.alice)
    assert Attachment.objects.get().partner == world.partner
    merge.unmerge(done, by=world.alice)
    assert Attachment.objects.get().partner == twin


def test_what_is_purged_leaves_no_bytes(attach, world):
    lonely = make.partner(world.alice, "Lonely")
    gone, thrown, kept = attach(partner=lonely), attach(), attach()
    kernel.delete(lonely, by=world.alice)
    kernel.delete(thrown, by=world.alice)
    later = timezone.now() + timedelta(seconds=1)
    assert (kernel.purge(Partner, later), kernel.purge(Attachment, later)) == (1, 1)
    assert Path(gone.file.path).exists(), "bytes go after the rows, by the worker"
    assert jobs.remove_left_bytes() == 2
    assert [Path(one.file.path).exists() for one in (gone, thrown, kept)] == [False, False, True]


def test_a_backup_holds_the_files(attach, settings, tmp_path):
    made = attach()
    archive.write(tmp_path / "copy.tar")
    with tarfile.open(tmp_path / "copy.tar") as copy:
        inside = f"files/{Path(made.file.path).relative_to(settings.MEDIA_ROOT)}"
        assert copy.extractfile(inside).read() == PDF


def test_a_program_attaches_reads_and_deletes(world, attach, client):
    key = {name: issue_token(getattr(world, name), "test")[1] for name in ("alice", "charlie")}
    alice, charlie = ({"Authorization": f"Bearer {key[name]}"} for name in ("alice", "charlie"))
    body = {"file": SimpleUploadedFile("Договор.pdf", PDF), "opportunity": world.opportunity.pk, "remarks": "signed"}
    made = client.post("/api/v1/files", body, headers=alice)
    assert (made.status_code, made.json()["name"], made.json()["partner_id"]) == (201, "Договор.pdf", world.partner.pk)
    path = f"/api/v1/files/{made.json()['id']}"
    assert [one["id"] for one in client.get(f"/api/v1/files?partner={world.partner.pk}", headers=alice).json()] == [
        made.json()["id"]
    ]
    assert b"".join(client.get(f"{path}/content", headers=alice).streaming_content) == PDF
    for address in (path, f"{path}/content"):
        assert client.get(address, headers=charlie).status_code == 404
    assert client.delete(path, headers=charlie).status_code == 404
    for place in ({"partner": world.partner.pk, "activity": 1}, {}):
        refused = client.post("/api/v1/files", {"file": SimpleUploadedFile("a.pdf", PDF), **place}, headers=alice)
        assert (refused.status_code, refused.json()["code"]) == (409, "one_place")
    assert client.delete(path, headers=alice).status_code == 204
    assert client.get(path, headers=alice).status_code == 404
