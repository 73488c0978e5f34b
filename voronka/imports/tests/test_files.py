"""Every file we have is read rightly or refused in one sentence: corpus.json says what each holds, looked at by eye."""

import json
from pathlib import Path

import pytest

from voronka.core.errors import RuleBroken
from voronka.imports import formats
from voronka.imports.formats import csv_file, tables
from voronka.imports.tests.make import SHARED, run_of
from voronka.partners.models import Partner

# Path below the shared data -> [first three headers, columns, rows of data], or the code of the refusal.
CORPUS = json.loads((Path(__file__).parent / "corpus.json").read_text("utf-8"))
NOT_DATA = {"SOURCE.md", "LICENSE-MIT.calamine"}


def every_file():
    if not SHARED.is_dir():
        return []
    found = (
        path for path in SHARED.rglob("*") if path.is_file() and path.suffix != ".json" and path.name not in NOT_DATA
    )
    return sorted(str(path.relative_to(SHARED)) for path in found)


def rows_of(path, found):
    return [
        row
        for _number, rows in formats.batches(path, len(found.headers), found.facts["skip"])
        for row in rows
        if any(cell.strip() for cell in row)
    ]


@pytest.mark.parametrize("name", every_file())
def test_every_file_is_read_as_it_should_be(name):
    path, expected = SHARED / name, CORPUS[name]
    if isinstance(expected, str):
        with pytest.raises(RuleBroken) as refusal:
            formats.recognise(path)
        assert (refusal.value.code, str(refusal.value).count(".") <= 2) == (expected, True)
        return
    found = formats.recognise(path)
    assert [found.headers[:3], len(found.headers), len(rows_of(path, found))] == expected


# The JSON of one of them names another phone than its CSV.
SPECTRUM = [
    path for path in sorted((SHARED / "csv_spectrum" / "json").glob("*.json")) if path.stem != "location_coordinates"
]


@pytest.mark.parametrize("path", SPECTRUM, ids=lambda path: path.stem)
def test_the_spectrum_of_csv_is_read_as_its_json_says(path):
    source = SHARED / "csv_spectrum" / "csvs" / f"{path.stem}.csv"
    found = formats.recognise(source)
    rows = [dict(zip(found.headers, row, strict=True)) for row in rows_of(source, found)]
    expected = json.loads(path.read_text("utf-8"))
    expected = expected if isinstance(expected, list) else [expected]
    unix = [{key: value.replace("\r\n", "\n") for key, value in row.items()} for row in rows]
    assert unix == [{key: value.replace("\r\n", "\n") for key, value in row.items()} for row in expected]


PAGE = """<html><head><meta charset="utf-8"></head><body><table border="1">
<tr><th>ID</th><th>Наименование</th><th>ИНН</th><th>Телефон</th></tr>
<tr><td>1</td><td>ООО &laquo;Лён&raquo;</td><td>7736050003</td><td>8 (495) 000-00-01</td></tr>
<tr><td>2</td><td>АО Хмель &amp; Ко</td><td></td><td></td></tr></table></body></html>"""
SHEET = """<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
<Worksheet ss:Name="1"><Table><Row><Cell><Data ss:Type="String">Name</Data></Cell><Cell><Data ss:Type="String">Phone</Data></Cell><Cell><Data>City</Data></Cell></Row>
<Row><Cell><Data ss:Type="String">Flax</Data></Cell><Cell ss:Index="3"><Data ss:Type="String">Riga</Data></Cell></Row></Table></Worksheet></Workbook>"""


def test_a_page_called_xls_is_read(world):
    run = run_of(PAGE, world.dana, name="DEAL_20260922.xls")
    assert (run.facts["format"], run.created) == ("html", 2)
    partner = Partner.objects.get(tax_id="7736050003")
    assert (partner.name, partner.phone, partner.external_id) == ("ООО «Лён»", "+74950000001", "1")


def test_a_spreadsheet_of_2003_is_read(world):
    run = run_of(SHEET, world.dana, name="report.xls")
    assert (run.facts["format"], run.created) == ("spreadsheetml", 1)
    assert Partner.objects.get(name="Flax").addresses.get().city == "Riga"


@pytest.mark.parametrize(
    "encoding", ["utf-16-le", "utf-16-be", "utf-16", "utf-32", "cp866", "koi8-r", "cp1251", "utf-8-sig"]
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encodings_and_delimiters(tmp_path, encoding, delimiter):
    file = tmp_path / "x.csv"
    file.write_bytes(
        f"Наименование{delimiter}Город\r\nРомашка и партнёры{delimiter}Йошкар-Ола\r\nЩука{delimiter}Уфа\r\n".encode(
            encoding
        )
    )
    found = formats.recognise(file)
    assert (found.headers, found.samples) == (
        ["Наименование", "Город"],
        [["Ромашка и партнёры", "Йошкар-Ола"], ["Щука", "Уфа"]],
    )


def test_headers_of_two_rows_are_read_together():
    upper, lower = ["Компания", "Контакт", "", "Сумма"], ["", "Имя", "Телефон", ""]
    rows = [["Отчёт за год"], [], upper, lower, ["Лён", "Анна", "84950000001", "100"], ["Итого", "", "", "100"]]
    assert tables.header_place(rows) == (2, 2)
    assert tables.joined([upper, lower]) == ["Компания", "Контакт Имя", "Контакт Телефон", "Сумма"]
    assert tables.is_total(rows[-1])
    assert not tables.is_total(["Total Gas", "1", "2", "3"])
    assert not tables.is_total(["Итого", "a", "b", "c", "d"])


def test_garbled_text_is_put_right_and_plain_text_left_alone():
    text = "Наименование;Город\nРомашка;Йошкар-Ола\n"
    garbled = text.encode("utf-8").decode("cp1251", "ignore")
    assert csv_file.is_mojibake(garbled)
    assert not csv_file.is_mojibake(text)
    assert "".join(csv_file.repair(line) for line in garbled.splitlines(keepends=True)) == text


@pytest.mark.parametrize(
    ("day", "reason"), [("01.01.1900", "before 1950"), ("31.12.2099", "after 2090"), ("31.02.2024", "can't be read")]
)
def test_a_day_out_of_reach_is_refused_with_its_row(world, day, reason):
    from voronka.imports import actions

    run = run_of(
        f"Сделка;Компания;Этап;Сумма;Дата открытия\nСтол;Лён;Старт;1;{day}\nСтул;Лён;Старт;1;01.02.2024\n", world.dana
    )
    assert (run.created, run.refused) == (1, 1)
    assert reason in actions.refused_file(run).read_text("utf-8-sig")
