"""Both catalogues are complete, and their placeholders agree with the source."""

import re

import pytest
from babel.messages.pofile import read_po

from voronka.cli import catalogues

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


def strings(value):
    return list(value) if isinstance(value, tuple | list) else [value]


@pytest.fixture(scope="module")
def source():
    return {(m.context, strings(m.id)[0]): m for m in catalogues.extract() if m.id}


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_every_sentence_is_translated(language, source):
    with catalogues.po_file(language).open("rb") as file:
        kept = read_po(file, locale=language)
    translated = {(m.context, strings(m.id)[0]) for m in kept if m.id and all(strings(m.string)) and not m.fuzzy}
    assert sorted(str(key[1]) for key in source.keys() - translated) == []


def test_no_sentence_is_kept_that_nobody_says(source):
    kept = {(m.context, strings(m.id)[0]) for m in catalogues.read("ru") if m.id}
    assert kept - source.keys() == set()


def test_placeholders_survive_translation():
    wrong = [
        message.id
        for message in catalogues.read("ru")
        if message.id
        for text in strings(message.string)
        if set(PLACEHOLDER.findall(text)) - set(PLACEHOLDER.findall(" ".join(strings(message.id))))
    ]
    assert wrong == []


def test_russian_plurals_have_three_forms():
    assert [m.id for m in catalogues.read("ru") if isinstance(m.id, tuple | list) and len(strings(m.string)) != 3] == []
