"""Dates from words. It is Wednesday, 25 November 2026, 11:30 in Moscow."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voronka.activities.spoken import length_of, understand

NOW = datetime(2026, 11, 25, 11, 30, tzinfo=ZoneInfo("Europe/Moscow"))

SAID = [
    ("Перезвонить завтра в 15", "2026-11-26 15:00", "Перезвонить"),
    ("завтра в 15:30 созвон с директором", "2026-11-26 15:30", "созвон с директором"),
    ("встреча послезавтра в 9 утра", "2026-11-27 09:00", "встреча"),
    ("отправить КП сегодня", "2026-11-25", "отправить КП"),
    ("отправить КП в пятницу", "2026-11-27", "отправить КП"),
    ("в среду в 12 обсудить скидку", "2026-12-02 12:00", "обсудить скидку"),
    ("в следующий понедельник", "2026-11-30", ""),
    ("в следующую пятницу напомнить", "2026-12-04", "напомнить"),
    ("во вторник к 10", "2026-12-01 10:00", ""),
    ("набрать через 2 недели", "2026-12-09", "набрать"),
    ("набрать через неделю", "2026-12-02", "набрать"),
    ("через три дня в 16", "2026-11-28 16:00", ""),
    ("через месяц спросить о бюджете", "2026-12-25", "спросить о бюджете"),
    ("через час", "2026-11-25 12:30", ""),
    ("через полчаса перезвонить", "2026-11-25 12:00", "перезвонить"),
    ("через 20 минут", "2026-11-25 11:50", ""),
    ("15.03 продление договора", "2027-03-15", "продление договора"),
    ("30.11 в 14.30 встреча", "2026-11-30 14:30", "встреча"),
    ("до 1 декабря прислать счёт", "2026-12-01", "прислать счёт"),
    ("10 января 2027 года поздравить", "2027-01-10", "поздравить"),
    ("28-го числа сверка", "2026-11-28", "сверка"),
    ("10-го сверка", "2026-12-10", "сверка"),
    ("на следующей неделе показать образцы", "2026-11-30", "показать образцы"),
    ("в конце месяца закрыть сделку", "2026-11-30", "закрыть сделку"),
    ("в конце недели", "2026-11-27", ""),
    ("в 15 позвонить", "2026-11-25 15:00", "позвонить"),
    ("в 10 позвонить", "2026-11-26 10:00", "позвонить"),
    ("в 3 часа дня", "2026-11-25 15:00", ""),
    ("завтра в три", "2026-11-26 15:00", ""),
    ("завтра утром", "2026-11-26 10:00", ""),
    ("завтра в 7 вечера", "2026-11-26 19:00", ""),
    ("пт 16:00 Skype", "2026-11-27 16:00", "Skype"),
    ("вчера в 17 звонил", "2026-11-24 17:00", "звонил"),
    ("call back tomorrow at 3pm", "2026-11-26 15:00", "call back"),
    ("call tomorrow at 15", "2026-11-26 15:00", "call"),
    ("send offer by Friday", "2026-11-27", "send offer"),
    ("next Monday 9:30 am demo", "2026-11-30 09:30", "demo"),
    ("in 2 weeks", "2026-12-09", ""),
    ("ask again in a month", "2026-12-25", "ask again"),
    ("in an hour", "2026-11-25 12:30", ""),
    ("in a couple of days", "2026-11-27", ""),
    ("meet on March 15 at noon", "2027-03-15 12:00", "meet"),
    ("meet 15 March 2027", "2027-03-15", "meet"),
    ("on the 28th", "2026-11-28", ""),
    ("2026-12-24 gifts", "2026-12-24", "gifts"),
    ("day after tomorrow at 10:15", "2026-11-27 10:15", ""),
    ("end of the week", "2026-11-27", ""),
    ("next week send samples", "2026-11-30", "send samples"),
    ("tomorrow morning", "2026-11-26 10:00", ""),
    ("Thursday afternoon", "2026-11-26 14:00", ""),
    ("yesterday at 5 pm", "2026-11-24 17:00", ""),
]
NOT_SAID = [
    "Обсудили 15 кресел и 3 стола", "Хочет скидку 10 %", "Договор № 12/2026-ОП", "They may call", "Мария в марте не работает", "Call Sunny Ltd",
    "Цена 15.990 за штуку", "В договоре 3 пункта", "", "   ", "Средний чек вырос", "телефон 8 495 123-45-67",
]  # fmt: skip


@pytest.mark.parametrize(("text", "when", "rest"), SAID, ids=[text for text, _when, _rest in SAID])
def test_a_date_is_understood(text, when, rest):
    found = understand(text, NOW)
    shown = f"{found.day}" + (f" {found.clock:%H:%M}" if found.clock else "")
    assert (shown, found.rest) == (when, rest)


@pytest.mark.parametrize("text", NOT_SAID)
def test_what_is_no_date_is_none(text):
    found = understand(text, NOW)
    assert (found.day, found.clock) == (None, None)
    assert found.rest == " ".join(text.split())


def test_a_length_is_understood():
    assert understand("завтра с 15 до 16:30", NOW).length == timedelta(minutes=90)
    assert understand("tomorrow 10:00-10:45", NOW).length == timedelta(minutes=45)
    assert understand("завтра в 12 на 2 часа", NOW).length == timedelta(hours=2)
    assert understand("tomorrow from 3 to 4 pm", NOW).clock == time(15)
    assert understand("friday at 11 for 30 minutes", NOW).length == timedelta(minutes=30)


def test_the_kind_of_work_is_recognised():
    kinds = [
        understand(text, NOW).kind for text in ("перезвонить завтра", "встреча в офисе", "call Anna", "отправить КП")
    ]
    assert kinds == ["call", "meeting", "call", ""]


def test_the_last_day_of_a_short_month_and_of_the_year():
    last = datetime(2027, 1, 31, 10, 0, tzinfo=NOW.tzinfo)
    assert understand("через месяц", last).day == date(2027, 2, 28)
    assert understand("31-го", datetime(2027, 2, 1, 10, tzinfo=NOW.tzinfo)).day == date(2027, 3, 31)
    assert understand("1 января", datetime(2026, 12, 31, 10, tzinfo=NOW.tzinfo)).day == date(2027, 1, 1)


@given(
    st.text(max_size=80)
    | st.lists(st.sampled_from([*"0123456789.:/-", " ", "в", "через", "завтра", "at", "in", "days", "марта"])).map(
        "".join
    )
)
def test_any_text_is_read_without_a_fault(text):
    found = understand(text, NOW)
    assert found.clock is None or found.day is not None


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("90", 90),
        ("90m", 90),
        ("90 мин", 90),
        ("2h", 120),
        ("1,5 ч", 90),
        ("1d", 1440),
        ("", None),
        ("0", None),
        ("long", None),
        ("99d", None),
    ],
)
def test_a_typed_length(text, minutes):
    assert length_of(text) == (None if minutes is None else timedelta(minutes=minutes))
