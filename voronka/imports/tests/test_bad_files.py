"""Files that can't be taken: one clear sentence, and the database unchanged."""

import io
import zipfile

import pytest
import xlsxwriter

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


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\r\n\r\n  \r\n", "empty"),
        (b"Name;Phone\r\n", "no rows"),
        ("名前;電話\n花子;1\n".encode("shift_jis"), "encoding"),
        ("Имя;Имя\nАнна;1\n".encode(), "same header"),
        (PICTURE, "picture"),
        (workbook()[:900], "damaged"),
        (b"%PDF-1.7 whatever", "not a table"),
        (bytes(range(256)) * 20, "not a table"),
    ],
)
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


def test_the_page_says_it_beside_the_field(world, sign_in):
    answer = sign_in(world.dana).post("/imports/new/", {"file": io.BytesIO(PICTURE)})
    assert answer.status_code == 422
    assert b"This is a picture, not a table." in answer.content
