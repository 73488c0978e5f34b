"""Folded templates say what the unfolded ones say, in both languages."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.template import Context, Engine
from django.utils import translation
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

LIBRARIES = {
    "core": "voronka.core.templatetags.core",
    "i18n": "django.templatetags.i18n",
    "static": "django.templatetags.static",
}
PAGE = """{% load core i18n static %}
<h1>{% translate "Partners" %}</h1>{% icon "plus" %}<a href="{% url 'partners:list' %}">{% translate "Name" context "count" %}</a>
{% if rows %}{% for row in rows %}<a href="{% url 'partners:detail' row %}">{% translate "Edit" %} {{ row }}</a>
{% include "part" with word=row only %}{% include "part" with word="<b>" %}{% endfor %}{% else %}{% translate "Nothing here yet." %}{% endif %}
{% blocktranslate %}Saved.{% endblocktranslate %}{% blocktranslate with who=name %}Your role: {{ role }}{{ who }}{% endblocktranslate %}
{% blocktranslate count counter=many %}{{ counter }} record{% plural %}{{ counter }} records{% endblocktranslate %}
{% translate "Owner" as owner %}{{ owner }}{{ name }}{% url 'partners:list' as here %}{{ here }}<img src="{% static 'core/img/logo.svg' %}">
{% include name_of_part with word=1 %}
"""
TEMPLATES = {"page": PAGE, "part": '{% load i18n %}{% translate "Save" %}{{ word }}{{ name }}'}


def engine(loader):
    inner = [("django.template.loaders.locmem.Loader", TEMPLATES)]
    return Engine(loaders=[(loader, inner)], libraries=LIBRARIES)


def rendered(loader, language, **values):
    with translation.override(language):
        return engine(loader).get_template("page").render(Context(values))


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("rows", [[], [1, 20], ["7"]])
def test_folding_changes_no_letter(language, rows):
    values = {"rows": rows, "name": "<Алиса & Ко>", "many": 5, "role": "boss", "name_of_part": "part"}
    usual = rendered("django.template.loaders.cached.Loader", language, **values)
    assert rendered("voronka.core.folding.Loader", language, **values) == usual


class Record:
    pk, name, empty = 7, "<b>", None
    lines = ("first", "second")

    def called(self):
        return "called & said"

    def deletes(self):
        raise AssertionError

    deletes.alters_data = True


VALUES = """{{ one.pk }}{{ one.name }}{{ one.empty }}{{ one.called }}{{ one.deletes }}{{ one.nothing }}{{ one.lines.1 }}{{ given.name }}{{ given.items }}
{{ given.none }}{{ nothing }}{{ nothing.at.all|default:"-" }}{{ one.name|upper }}{{ one.name|default:given.name }}{{ safe }}{{ lazy }}{{ amount }}{{ day }}{{ moment }}
{{ many|length }}{{ many.0.name }}{% if one.empty or not given.name or one.pk in many %}a{% elif one.called %}b{% endif %}{% autoescape off %}{{ one.name }}{% endautoescape %}
{% for row in many %}{{ row.name }}{{ forloop.counter }}{% if forloop.last %}.{% endif %}{% endfor %}{% with again=one %}{{ again.name }}{% endwith %}{{ True }}"""


@pytest.mark.parametrize("language", ["ru", "en"])
def test_values_are_said_as_django_says_them(language):
    values = {
        "one": Record(), "given": {"name": '"quoted"', "items": "a key"}, "safe": mark_safe("<i>"), "lazy": gettext_lazy("Partners"), "amount": Decimal("1234.5"),
        "day": date(2026, 2, 1), "moment": datetime(2026, 2, 1, 12, tzinfo=UTC), "many": [Record(), {"name": "<u>"}],
    }  # fmt: skip
    said = []
    for loader in ("django.template.loaders.cached.Loader", "voronka.core.folding.Loader"):
        inner = [("django.template.loaders.locmem.Loader", {"page": VALUES})]
        with translation.override(language):
            said.append(Engine(loaders=[(loader, inner)]).get_template("page").render(Context(values)))
    assert said[0] == said[1]


def test_one_engine_speaks_both_languages():
    one = engine("voronka.core.folding.Loader")
    said = {}
    for language in ("ru", "en", "ru"):
        with translation.override(language):
            said[language] = one.get_template("page").render(Context({"name_of_part": "part", "many": 1}))
    assert "Контрагенты" in said["ru"]
    assert "Partners" in said["en"]


def test_what_is_steady_costs_nothing():
    one = engine("voronka.core.folding.Loader")
    with translation.override("en"):
        part = one.get_template("part")
    assert [type(node).__name__ for node in part.nodelist] == ["TextNode", "_Said", "_Said"]
