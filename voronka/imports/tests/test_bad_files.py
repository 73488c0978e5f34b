"""Files that can't be taken: one clear sentence, and the database unchanged."""

import html
import io
import zipfile

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from voronka.accounts.actions import issue_token
from voronka.accounts.models import User
from voronka.core.errors import RuleBroken
from voronka.imports.models import ImportRun
from voronka.imports.tests.make import run_of

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(100)


def workbook():
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        sheet = book.add_worksheet()
        for row, cells in enumerate([("Name", "Phone"), ("Lopukh", "84950000000")]):
            sheet.write_row(row, 0, cells)
    return target.getvalue()


# An OLE file that holds a workbook under a password, as far as anybody without it can see.
PROTECTED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(3000)
BAD = [
    (b"", "empty"),
    (b"\r\n\r\n  \r\n", "empty"),
    (b"Name;Phone\r\n", "no rows"),
    ("名前;電話\n花子;1\n".encode("shift_jis"), "encoding"),
    ("Имя;Имя\nАнна;1\n".encode(), "same header"),
    (PICTURE, "picture"),
    (PROTECTED, "password"),
    (workbook()[:900], "damaged"),
    (b"%PDF-1.7 whatever", "not a table"),
    (bytes(range(256)) * 20, "not a table"),
]


@pytest.mark.parametrize(("content", "words"), BAD)
def test_a_bad_file_is_refused_in_one_sentence(world, content, words):
    with pytest.raises(RuleBroken, match=words) as refused:
        run_of(content, world.dana, name="file.xlsx")
    assert str(refused.value).count(".") <= 3
    assert not ImportRun.objects.exists()


def test_a_workbook_that_unpacks_to_far_more_than_its_size_is_not_opened(world):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(300_000_000))
    with pytest.raises(RuleBroken, match="unpacks"):
        run_of(target.getvalue(), world.dana, name="bomb.xlsx")


def test_a_file_over_the_limit_is_not_read(world, settings):
    settings.IMPORT_MAX_BYTES = 10
    with pytest.raises(RuleBroken, match="at most"):
        run_of(b"Name;Phone\nA;1\n", world.dana)


def test_a_workbook_by_any_name_is_read(world):
    assert run_of(workbook(), world.dana, name="file.csv").created == 1


def upload(content):
    return SimpleUploadedFile("file.xlsx", content)


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize(("content", "words"), BAD)
def test_the_page_and_programs_say_it_in_the_language_of_whoever_asks(world, sign_in, client, content, words, language):
    User.objects.filter(pk=world.dana.pk).update(language=language)
    with translation.override(language):
        with pytest.raises(RuleBroken) as refused:
            run_of(content, world.dana, name="file.xlsx")
        sentence = str(refused.value)
    assert (words in sentence) == (language == "en")
    page = sign_in(world.dana).post("/imports/new/", {"file": upload(content)})
    client.logout()
    key = {"Authorization": f"Bearer {issue_token(world.dana, 'test')[1]}"}
    program = client.post("/api/v1/imports", {"file": upload(content)}, headers=key)
    assert (page.status_code, program.status_code) == (422, 409)
    assert sentence in html.unescape(page.content.decode())
    assert sentence in program.json()["message"]
    assert not ImportRun.objects.exists()
