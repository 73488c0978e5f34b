"""One person's data: gathered whole, erased without a trace, with every figure as it was."""

import io
import json
import re
import zipfile
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from voronka.activities.actions import write_note
from voronka.activities.models import Attachment
from voronka.analytics.forms import Criteria
from voronka.analytics.reports import run
from voronka.campaigns import actions, erasure, jobs
from voronka.campaigns.models import Consent, Erasure, PersonExport
from voronka.campaigns.persons import Person, event_model, text_tables
from voronka.campaigns.tests import make
from voronka.core import actions as kernel
from voronka.core.errors import RuleBroken
from voronka.core.models import SavedView
from voronka.core.registry import reports as registered
from voronka.imports.tests.make import run_of
from voronka.opportunities.models import Opportunity
from voronka.opportunities.tests import make as opportunities
from voronka.partners.actions import save_part
from voronka.partners.models import Contact, Partner
from voronka.partners.tests import make as partners

# What stands for the person in this world, today or before; no text of the database may hold any of it afterwards.
TRACES = [
    "Зинаида",
    "Зинаиде",
    "Лаптева",
    "Лаптевой",
    "Laptevskaja",
    "zina@",
    "9037654321",
    "903 765-43-21",
    "Пасечник",
]


@pytest.fixture
def zina(world):
    """A contact of Alice's partner who changed her name and phone, and is spoken of in every kind of place."""
    contact = partners.contact(
        world.partner,
        "Зинаида Лаптева",
        phone="+79037654321",
        email="zina@lapteva.example",
        position="Пасечник",
        remarks="Любит мёд",
    )
    contact.name = "Зинаида Лаптевская"
    contact.email = "zina@new.example"
    save_part(contact, by=world.alice)
    contact.name, contact.position = "Зинаида Лаптева", "Директор"
    save_part(contact, by=world.alice)
    Opportunity.objects.filter(pk=world.opportunity.pk).update(
        contact=contact, remarks="Решает З. Лаптева, 8 (903) 765-43-21"
    )
    world.opportunity.states.update(comment="Зинаиде обещан пересчёт")
    write_note(world.partner, "Звонила Зинаиде, просила писать на zina@new.example", by=world.alice)
    write_note(world.partner, "Договор у Лаптевой", opportunity=world.opportunity, by=world.alice)
    elsewhere = partners.partner(world.charlie, "Lopukh", remarks="Рекомендация: Зинаида Лаптева, +7 903 765-43-21")
    kernel.save(elsewhere, by=world.charlie)
    Partner.objects.filter(pk=elsewhere.pk).update(website="lopukh.example")
    SavedView.objects.create(user=world.alice, page="partners:list", name="Зинаида Лаптева", query="q=9037654321")
    make.consent(world.partner, contact, by=world.alice, source="Анкета Лаптевой, лист 4")
    actions.object_to(world.partner, contact, channels=["phone"], reason="Лаптева просила", by=world.alice)
    return contact


def erase(subject, by):
    entry = actions.ask_erasure(subject, confirmation=subject.name, reason="Заявление № 14", by=by)
    with_jobs = Erasure.objects.get(pk=entry.pk)
    return erasure.erase(with_jobs)


def traces(words):
    """(table, column, word) of every text, JSON and list column of the whole database that still holds one of the words."""
    found = []
    for table in text_tables():
        for column in table.columns:
            with connection.cursor() as cursor:
                for word in words:
                    cursor.execute(
                        f'SELECT count(*) FROM "{table.name}" WHERE "{column.name}"::text ILIKE %s', [f"%{word}%"]
                    )
                    if cursor.fetchone()[0]:
                        found.append((table.name, column.name, word))
    return found


def numbers(answer):
    """A report's totals, and the numbers and amounts of its rows: the words in them are what an erasure takes away."""
    rows = [sorted((key, value) for key, value in row.items() if is_number(value)) for row in answer["rows"]]
    return answer["report"], answer["as_of"], answer["totals"], sorted(rows)


def is_number(value):
    return isinstance(value, int | float) or (isinstance(value, str) and re.fullmatch(r"-?[0-9]+\.[0-9]{2}", value))


def figures(user):
    """Every report, by each of its dimensions, today and as it was yesterday, and the number of rows of every table of business."""
    yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()
    asked = [(one.slug, by, as_of) for one in registered for by in ("", *one.dimensions) for as_of in ("", yesterday)]
    wanted = [(slug, Criteria.parse({"by": by, "as_of": as_of})) for slug, by, as_of in asked]
    told = [numbers(run(slug, user, criteria).as_json(slug, criteria)) for slug, criteria in wanted]
    business = [one for one in apps.get_models() if one._meta.app_label in ("partners", "opportunities", "activities")]
    return told, {one._meta.label: one._base_manager.count() for one in business}


def test_nothing_of_the_person_remains_anywhere(world, zina):
    assert {word for _table, _column, word in traces(TRACES)} >= {
        "Зинаида",
        "Лаптевой",
        "zina@",
        "9037654321",
        "Пасечник",
    }
    done = erase(zina, world.dana)
    assert traces(TRACES) == []
    zina.refresh_from_db()
    assert (zina.name, zina.phone, zina.email, zina.position, zina.remarks) == ("[erased]", "", "", "", "")
    assert (zina.birth_date, zina.gender, event_model(Contact).objects.exclude(birth_date=None).exists()) == (
        None,
        "",
        False,
    )
    assert (done.status, done.rows > 8, len(done.digest)) == ("done", True, 64)


def test_a_new_table_or_column_of_text_can_not_be_forgotten(world, zina):
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE later (id int PRIMARY KEY, words text, facts jsonb, list text[], short varchar(12))"
        )
        values = [
            "у Зинаида Лаптева",
            json.dumps({"who": ["Лаптева Зинаида"], "phone": 79037654321}),
            ["zina@new.example"],
            "79037654321",
        ]
        cursor.execute("INSERT INTO later VALUES (1, %s, %s, %s, %s)", values)
        erase(zina, world.dana)
        cursor.execute("SELECT words, facts, list, short FROM later")
        words, facts, texts, short = cursor.fetchone()
    assert traces(["Лаптева", "9037654321", "zina"]) == []
    assert (words, texts, short) == ("у [erased]", ["[erased]"], "[erased]")
    assert json.loads(facts) == {"who": ["[erased]"], "phone": "[erased]"}


def test_every_model_with_texts_of_a_person_is_known_by_its_links(world, zina):
    """Whatever points to a contact with CASCADE is the person's own."""
    own = Person(zina).own
    assert {Contact, event_model(Contact), Consent} <= set(own)


def test_other_people_keep_what_is_theirs(world, zina):
    twin = partners.contact(partners.partner(world.charlie, "Other"), "Зинаида Лаптева", phone="+79990000000")
    Contact.objects.filter(pk=world.contact.pk).update(phone="+79037654321")
    note = write_note(world.partner, "Анна Петрова верно считает", by=world.alice)
    erase(zina, world.dana)
    twin.refresh_from_db()
    world.contact.refresh_from_db()
    note.refresh_from_db()
    assert twin.name == "Зинаида Лаптева"
    assert (world.contact.name, world.contact.phone) == ("Anna Petrova", "+79037654321")
    assert note.text == "Анна Петрова верно считает"


def test_every_report_is_as_it_was(world, zina):
    before = figures(world.dana)
    erase(zina, world.dana)
    assert figures(world.dana) == before
    world.opportunity.refresh_from_db()
    assert (world.opportunity.contact_id, world.opportunity.name) == (zina.pk, "Office chairs")


def test_the_proof_of_a_consent_stays(world, zina):
    erase(zina, world.dana)
    consent = Consent.objects.get(contact=zina)
    assert (consent.text.text, consent.channel, consent.how, consent.source) == (
        "I agree to get news and offers.",
        "email",
        "paper",
        "",
    )
    assert (consent.withdrawn_how, consent.withdrawn_by) == ("request", world.dana)


def test_the_past_is_append_only_for_everybody_else(world, zina):
    erase(zina, world.dana)
    event = event_model(Contact)
    with pytest.raises(DatabaseError), transaction.atomic():
        event.objects.filter(pgh_obj_id=zina.pk).update(name="Forged")
    seen = event.objects.count()
    zina.refresh_from_db()
    save_part(zina, by=world.alice)
    zina.position = "x"
    save_part(zina, by=world.alice)
    assert event.objects.count() > seen  # pre-images are kept again


def test_a_sole_proprietor_is_erased_with_everything_that_goes_along(world):
    sole = partners.partner(
        world.alice,
        "ИП Колоколов Ефим",
        legal_status="sole",
        tax_id="500100732259",
        phone="+79031112233",
        remarks="Глухой",
        full_name="Колоколов Е. И.",
    )
    sole.addresses.create(partner=sole, city="Клин", street="Лесная, 5")
    sole.bank_accounts.create(partner=sole, bank_name="Банк", account="40802810900000012345")
    partners.contact(sole, "Ефим Колоколов", phone="+79031112233")
    deal = opportunities.opportunity(world.alice, 700, partner=sole, name="Колокола Ефиму")
    write_note(sole, "Живёт на Лесной", by=world.alice)
    Partner.objects.filter(pk=sole.pk).update(remarks="Перезвонить")
    before = figures(world.dana)
    erase(sole, world.dana)
    assert (
        traces(
            [
                "Колоколов",
                "Ефим",
                "500100732259",
                "9031112233",
                "Лесная",
                "Лесной",
                "40802810900000012345",
                "Глухой",
                "Перезвонить",
                "Клин",
            ]
        )
        == []
    )
    assert figures(world.dana) == before
    deal.refresh_from_db()
    assert deal.potential == 700


def test_files_that_brought_the_person_in_are_removed_and_named(world, zina, django_capture_on_commit_callbacks):
    brought = run_of("Name;Contact\nLopukh;Зинаида Лаптева\n", world.eve, write=True)
    export = PersonExport.objects.create(subject="contact", subject_id=zina.pk, by=world.dana, status="done")
    export.file.save("x.zip", ContentFile(b"x"))
    with django_capture_on_commit_callbacks(execute=True):
        done = erase(zina, world.dana)
    assert sorted(done.files) == [f"campaigns.personexport {export.pk}", f"imports.importrun {brought.pk}"]
    assert not brought.file.storage.exists(brought.file.name)
    assert not export.file.storage.exists(export.file.name)


def test_the_hash_proves_whose_data_they_were(world, zina):
    expected = erasure.digest(Person(zina))
    assert erase(zina, world.dana).digest == expected


@pytest.mark.parametrize(
    ("more", "field"), [({"confirmation": "Зинаида"}, "confirmation"), ({"reason": " "}, "reason")]
)
def test_an_erasure_asks_for_the_name_and_a_reason(world, zina, more, field):
    with pytest.raises(RuleBroken) as refused:
        actions.ask_erasure(zina, by=world.dana, **{"confirmation": "зинаида  лаптева", "reason": "Asked"} | more)
    assert refused.value.field == field
    assert not Erasure.objects.exists()


def test_a_company_is_no_person(world):
    with pytest.raises(RuleBroken, match="company"):
        actions.ask_erasure(world.partner, confirmation=world.partner.name, reason="Asked", by=world.dana)
    with pytest.raises(RuleBroken, match="company"):
        actions.ask_export(world.partner, by=world.dana)


def test_an_erasure_is_asked_once_and_done_once(world, zina):
    words = {"confirmation": zina.name, "reason": "Asked", "by": world.dana}
    entry = actions.ask_erasure(zina, **words)
    with pytest.raises(RuleBroken, match="already"):
        actions.ask_erasure(zina, **words)
    jobs.erase_person(entry.pk)
    jobs.erase_person(entry.pk)
    assert Erasure.objects.get().status == "done"


def test_only_those_who_may_erase_see_the_page(world, zina, sign_in):
    page = reverse("campaigns:erase_person", args=["contact", zina.pk])
    answers = {
        name: sign_in(getattr(world, name)).get(page).status_code for name in ("alice", "bob", "charlie", "dana", "eve")
    }
    assert answers == {"alice": 403, "bob": 403, "charlie": 403, "dana": 200, "eve": 200}
    refused = sign_in(world.dana).post(page, {"confirmation": "No", "reason": "Asked"})
    assert (refused.status_code, "confirmation" in refused.context["form"].errors) == (422, True)
    answer = sign_in(world.dana).post(page, {"confirmation": zina.name, "reason": "Asked"}, follow=True)
    assert f"Contact № {zina.pk}" in answer.content.decode()
    assert sign_in(world.alice).get(reverse("campaigns:erasures")).status_code == 403


def test_the_export_holds_everything_and_is_fetched_by_the_asker_alone(world, zina, sign_in):
    client = sign_in(world.dana)
    client.post(reverse("campaigns:export_person", args=["contact", zina.pk]))
    export = PersonExport.objects.get()
    jobs.export_person(export.pk)
    export.refresh_from_db()
    page = reverse("campaigns:export_file", args=[export.pk])
    archive = zipfile.ZipFile(io.BytesIO(b"".join(client.get(page).streaming_content)))
    data, summary = json.loads(archive.read("data.json")), archive.read("index.html").decode()
    assert [row["name"] for row in data["own"]["partners.contactevent"]] == ["Зинаида Лаптева", "Зинаида Лаптевская"]
    assert data["linked"]["opportunities.opportunity"][0]["id"] == world.opportunity.pk
    assert data["mentions"]["partners_partner"][0]["remarks"].startswith("Рекомендация")
    assert {"activities_activity", "core_savedview"} <= set(data["mentions"])
    assert "zina@new.example" in summary
    export.refresh_from_db()
    assert export.fetched_at
    assert sign_in(world.eve).get(page).status_code == 404
    assert sign_in(world.alice).get(page).status_code == 403


def test_an_export_shows_nothing_of_other_people_in_the_same_file(world, zina):
    run_of("Name;Contact\nLopukh;Зинаида Лаптева\nOther;Борис Чужой\n", world.eve, write=False)
    found = json.dumps(jobs.gathered(Person(zina)), ensure_ascii=False, default=str)
    assert "Lopukh" in found
    assert "Чужой" not in found


def test_after_seven_days_the_file_is_gone_and_the_entry_stays(world, zina, sign_in):
    export = actions.ask_export(zina, by=world.dana)
    jobs.export_person(export.pk)
    PersonExport.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    page = reverse("campaigns:export_file", args=[export.pk])
    assert "no longer kept" in sign_in(world.dana).get(page, follow=True).content.decode()
    jobs.drop_exports(0)
    export.refresh_from_db()
    assert (export.file.name, export.by) == ("", world.dana)
    assert sign_in(world.alice).post(reverse("campaigns:export_person", args=["contact", zina.pk])).status_code == 403


def test_a_file_called_by_the_persons_name_is_flagged_and_loses_it(world, zina):
    named = Attachment.objects.create(partner=world.partner, file="a/b", name="Договор Лаптевой.pdf", size=1)
    other = Attachment.objects.create(partner=world.partner, file="a/c", name="Прайс.pdf", size=1)
    assert f"activities.attachment {named.pk}?" in erase(zina, world.dana).files
    named.refresh_from_db()
    other.refresh_from_db()
    assert (named.name, other.name) == ("Договор [erased].pdf", "Прайс.pdf")


def test_no_words_are_kept_in_a_form_the_search_does_not_see(db):
    """Word vectors are made by the database from columns that are searched; one kept by itself would hide a name."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attrelid::regclass::text, attname FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid JOIN pg_type t ON t.oid = atttypid "
            "WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND typname = 'tsvector' AND attgenerated = ''"
        )
        assert cursor.fetchall() == []
