"""Folded templates say what the unfolded ones say, in both languages."""

import pytest
from django.template import Context, Engine
from django.utils import translation

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
    assert [type(node).__name__ for node in part.nodelist] == ["TextNode", "VariableNode", "VariableNode"]
