"""What a report is asked for, and what is refused in one sentence."""

from datetime import UTC, date, datetime

import pytest

from voronka.analytics.forms import NOT_SET, Criteria
from voronka.core.errors import RuleBroken
from voronka.core.models import Company


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ({"as_of": "yesterday"}, "as_of: “yesterday” is not understood"),
        ({"as_of": "2026-02-30"}, "a date like 2026-03-31"),
        ({"as_of": "2026-02-01T25:00"}, "a date like 2026-03-31"),
        ({"as_of": "0001-01-01"}, "between the years 1900 and 2199"),
        ({"from": "2026-02-01", "to": "2026-01-01"}, "first day lies after the last"),
        ({"by": "weather"}, "salesperson, territory, source, industry"),
        ({"period": "fortnight"}, "month, quarter, year, week, day"),
        ({"then": "weather"}, "salesperson, territory"),
        ({"percentage_from": "much"}, "it must be a number"),
        ({"opened_to": "soon"}, "a date like"),
        ({"bucket": "99999"}, "up to 3650"),
        ({"move": "sideways"}, "new, reopened, grown"),
        ({"owner": "Alice"}, "number of a record"),
        ({"owner": "9" * 30}, "number of a record"),
        ({"territory": "\x00"}, "number of a record"),
        ({"code_from": "P" * 21}, "a code of up to 20 characters"),
        ({"code_to": "P\x00"}, "a code of up to 20 characters"),
        ({"tag": "VIP"}, "number of a record"),
        ({"competitor": "-1"}, "number of a record"),
        ({"also": "none"}, "number of a record"),
        ({"opener": "none"}, "number of a record"),
    ],
)
def test_what_is_not_understood_is_refused(wanted, sentence):
    with pytest.raises(RuleBroken, match=sentence.replace("(", r"\(")):
        Criteria.parse(wanted)


def test_other_words_of_an_address_are_passed_over():
    criteria = Criteria.parse({"as_of": "", "owner": "7", "territory": "none", "chart": "bars", "period": "year"})
    assert (criteria.as_of, criteria.owner, criteria.territory, criteria.period) == (None, 7, NOT_SET, "year")
    assert criteria.filters() == {"owner": 7, "territory__isnull": True}


def test_a_criterion_survives_its_own_address():
    criteria = Criteria.parse(
        {
            "as_of": "2026-01-31",
            "from": "2026-01-01",
            "by": "source",
            "then": "month",
            "source": "none",
            "status": "won",
            "dated": "opened",
            "percentage_from": "12.5",
            "predicted_to": "2026-02-01",
            "partner": "7",
            "bucket": "10",
            "expired": "1",
            "code_from": "p000002",
            "tag": "none",
            "competitor": "3",
            "also": "4",
            "opener": "5",
            "columns": "name,potential",
        }
    )
    from urllib.parse import parse_qsl

    assert Criteria.parse(dict(parse_qsl(criteria.query()))) == criteria


def test_a_day_means_its_end_in_the_companys_zone_and_a_moment_itself(db):
    company = Company(time_zone="Asia/Vladivostok")
    day = Criteria.parse({"as_of": "2026-01-31"}).settled(company)
    assert day.moment.astimezone(UTC) == datetime(2026, 1, 31, 13, 59, 59, 999999, UTC)
    local = Criteria.parse({"as_of": "2026-01-31T10:00"}).settled(company)
    assert local.moment.astimezone(UTC) == datetime(2026, 1, 31, 0, 0, tzinfo=UTC)
    exact = Criteria.parse({"as_of": "2026-01-31T10:00:00Z"}).settled(company)
    assert exact.moment == datetime(2026, 1, 31, 10, tzinfo=UTC)


def test_the_future_is_not_known(db):
    with pytest.raises(RuleBroken, match="lies in the future"):
        Criteria(as_of=date(2150, 1, 1)).settled(Company(time_zone="Europe/Moscow"))


def test_codes_are_understood_in_any_letter_case():
    assert Criteria.parse({"code_from": " p000002", "code_to": "P000010"}).ranges == (
        ("code_from", "P000002"),
        ("code_to", "P000010"),
    )
