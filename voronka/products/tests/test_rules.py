"""Files of rates are read as banks write them, and refused by line."""

from datetime import date
from decimal import Decimal

import pytest

from voronka.products.rules import RateRow, Unreadable, read_rates


@pytest.mark.parametrize(
    "text",
    [
        "date,currency,rate\n2026-01-15,USD,90.5\n",
        "\ufeffДата;Валюта;Курс\n15.01.2026;usd;90,5\n\n",
        "data\tcode\tcurs\tnominal\n15.01.2026 00:00\tUSD\t905,0\t10\n",
    ],
)
def test_a_file_is_read_whatever_its_dialect(text):
    assert read_rates(text) == [RateRow("USD", date(2026, 1, 15), Decimal("90.5"))]


def test_a_file_of_one_currency_needs_no_column_for_it():
    assert read_rates("date;rate\n2026-01-15;12,3\n", "CNY")[0].code == "CNY"


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("", "empty", 0),
        ("date,rate\n2026-01-15,90\n", "no_columns", 0),
        ("date,currency,rate\n2026-01-15,DOLLAR,90\n", "bad_code", 2),
        ("date,currency,rate\n2026-01-15,USD,90\n2026-01-16,USD,many\n", "bad_rate", 3),
        ("date,currency,rate\n2026-01-15,USD,0\n", "bad_rate", 2),
        ("date,currency,rate\n2026-01-15,USD,NaN\n", "bad_rate", 2),
        ("date,currency,rate\n30.02.2026,USD,90\n", "bad_day", 2),
        ("date,currency,rate,nominal\n15.02.2026,USD,90,0\n", "bad_rate", 2),
    ],
)
def test_a_bad_file_is_refused_by_its_line(text, code, line):
    with pytest.raises(Unreadable) as refused:
        read_rates(text)
    assert (refused.value.code, refused.value.line) == (code, line)
