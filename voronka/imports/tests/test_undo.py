"""A run taken back leaves the base as it was; what people did since is kept and listed; and it can be run again."""

import hashlib
import json
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from voronka.activities.actions import write_note
from voronka.core.errors import RuleBroken
from voronka.imports import actions
from voronka.imports.tests.make import run_of
from voronka.opportunities.actions import move_to_stage
from voronka.opportunities.models import Opportunity, OpportunityState, Stage
from voronka.partners import actions as partner_actions
from voronka.partners.models import Address, Industry, Partner

FILE = """Наименование;ИНН;Телефон;E-mail;Город;Контактное лицо;Отрасль;Ответственный
ООО «Север»;7736050003;8 (495) 000-12-00;a@example.com;Москва;Иванов Иван;Торговля;Пётр Незнакомый
Romashka LLC;7707083893;;new@romashka.example;Тверь;Новый Человек;Торговля;
"""
DEALS = """Название сделки;Компания;Этап;Сумма;Дата открытия
Стулья;Новая Компания;Новый этап;100000;01.03.2024
Столы;Romashka LLC;Новый этап;5000;
"""
TABLES = [
    "partners_partner", "partners_contact", "partners_address", "partners_bankaccount", "partners_industry", "partners_source", "accounts_user",
    "opportunities_opportunity", "opportunities_opportunitystate", "opportunities_stage", "opportunities_pipeline", "activities_activity",
]  # fmt: skip
COUNTERS = {"version", "updated_at", "stage_since"}


def state():
    """Everything people wrote, row by row, without the counters of changes."""
    found = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT to_jsonb(t) FROM {table} t ORDER BY id")
            rows = [json.loads(row[0]) if isinstance(row[0], str) else row[0] for row in cursor.fetchall()]
            found[table] = [{key: value for key, value in row.items() if key not in COUNTERS} for row in rows]
        cursor.execute(
            "SELECT coalesce(json_agg(t), '[]') FROM (SELECT stage_id, owner_id, month, sum(count) n, sum(potential) p FROM opportunities_tally "
            "GROUP BY 1, 2, 3 HAVING sum(count) <> 0 ORDER BY 1, 2, 3) t"
        )
        found["tally"] = cursor.fetchone()[0]
    return found


@pytest.mark.parametrize("choice", ["skip", "update", "create"])
@pytest.mark.parametrize("file", [FILE, DEALS])
def test_a_run_taken_back_leaves_no_trace(world, file, choice):
    before = state()
    run = run_of(file, world.dana, on_duplicate=choice)
    assert state() != before
    actions.undo_now(run, by=world.dana)
    assert state() == before
    assert (run.status, run.removed, run.restored, run.conflicts.count()) == ("undone", run.created, run.updated, 0)


def test_what_was_overwritten_is_restored(world):
    run = run_of(FILE, world.dana, on_duplicate="update")
    world.partner.refresh_from_db()
    assert (run.updated, world.partner.email) == (1, "new@romashka.example")
    actions.undo_now(run, by=world.dana)
    world.partner.refresh_from_db()
    assert (world.partner.email, list(world.partner.contacts.all())) == ("info@romashka.example", [world.contact])
    assert not Address.objects.filter(partner=world.partner).exists()
    assert not Industry.objects.filter(name="Торговля").exists()


def test_what_somebody_changed_since_is_kept_and_listed(world):
    run = run_of(FILE, world.dana, on_duplicate="update")
    made = Partner.objects.get(tax_id="7736050003")
    made.name = "Север, исправлено"
    partner_actions.save_partner(made, tags=[], by=world.dana)
    ours = Partner.objects.get(pk=world.partner.pk)
    ours.email = "newer@romashka.example"
    partner_actions.save_partner(ours, tags=[], by=world.dana)
    actions.undo_now(run, by=world.dana)
    ours.refresh_from_db()
    assert ours.email == "newer@romashka.example"
    assert Partner.objects.get(pk=made.pk).name == "Север, исправлено"
    listed = {(c.title, c.field, c.before, c.imported, c.current, c.reason) for c in run.conflicts.all()}
    assert (
        "Romashka LLC", "email", "info@romashka.example", "new@romashka.example", "newer@romashka.example", "edited"
    ) in listed  # fmt: skip
    assert ("Север, исправлено", "", "", "", "", "edited") in listed
    assert (run.removed, Industry.objects.filter(name="Торговля").exists()) == (0, True)


def test_what_somebody_uses_since_is_kept(world):
    run = run_of(DEALS, world.dana)
    deal = Opportunity.objects.get(name="Стулья")
    write_note(deal.partner, "Called", opportunity=deal, by=world.dana)
    actions.undo_now(run, by=world.dana)
    assert Opportunity.objects.filter(name="Стулья").exists()
    assert not Opportunity.objects.filter(name="Столы").exists()
    assert OpportunityState.objects.filter(opportunity=deal).exists()
    assert Stage.objects.filter(name="Новый этап").exists()
    assert {c.reason for c in run.conflicts.all()} == {"used"}


def test_a_run_taken_back_can_be_run_again(world):
    run = run_of(FILE, world.dana)
    actions.undo_now(run, by=world.dana)
    again = actions.run_now(run, by=world.dana)
    assert (again.status, again.created, Partner.objects.filter(tax_id="7736050003").count()) == ("done", 1, 1)
    actions.undo_now(again, by=world.dana)
    assert not Partner.objects.filter(tax_id="7736050003").exists()


def test_only_what_is_in_is_taken_back(world):
    checked = run_of(FILE, world.dana, write=False)
    with pytest.raises(RuleBroken, match="that is in"):
        actions.undo_now(checked, by=world.dana)
    done = run_of(FILE, world.dana)
    actions.undo_now(done, by=world.dana)
    with pytest.raises(RuleBroken):
        actions.undo(done, by=world.dana)


def test_an_imported_person_who_works_here_now_stays(world):
    run = run_of(FILE, world.dana)
    people = type(world.alice).objects.filter(name="Пётр Незнакомый")
    people.update(is_active=True)
    actions.undo_now(run, by=world.dana)
    assert people.exists()


def test_what_leans_on_what_stays_is_kept_too(world):
    """A partner named as the channel of one that is kept can't go either, and so on along the chain."""
    run = run_of("Name;Tax ID\nFirst;\nSecond;\nThird;\nAlone;\n", world.dana)
    first, second, third = (Partner.objects.get(name=name) for name in ("First", "Second", "Third"))
    Partner.objects.filter(pk=first.pk).update(channel=second)
    Partner.objects.filter(pk=second.pk).update(channel=third)
    write_note(first, "Called", by=world.dana)
    actions.undo_now(run, by=world.dana)
    assert Partner.objects.filter(pk__in=[first.pk, second.pk, third.pk]).count() == 3
    assert not Partner.objects.filter(name="Alone").exists()
    assert (run.removed, run.conflicts.count()) == (1, 3)


def test_a_role_that_may_not_pass_over_foreign_keys_takes_back_all_the_same(world):
    before = state()
    run = run_of(FILE, world.dana)
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE ordinary")
        cursor.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO ordinary")
        cursor.execute("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO ordinary")
        cursor.execute("SET LOCAL ROLE ordinary")
        cursor.execute("SELECT has_parameter_privilege('session_replication_role', 'SET')")
        assert cursor.fetchone() == (False,)
        actions.undo_now(run, by=world.dana)
        cursor.execute("RESET ROLE")
    assert state() == before


UPDATE = "ID;Сделка;Компания;Этап;Сумма\n77;Стулья;Romashka LLC;{stage};300000\n"


@pytest.fixture
def known(world):
    Opportunity.objects.filter(pk=world.opportunity.pk).update(external_id="77", name="Стулья")
    OpportunityState.objects.update(since="2024-01-01T00:00:00Z")
    return world.opportunity


def test_an_open_opportunity_is_updated_with_its_states_and_taken_back(world, known):
    before = state()
    run = run_of(UPDATE.format(stage=world.stages[1].name), world.dana, on_duplicate="update")
    known.refresh_from_db()
    assert (run.updated, known.potential, known.stage) == (1, 300000, world.stages[1])
    first, last = known.states.order_by("since")
    assert (first.until, last.until, last.potential, last.stage) == (last.since, None, 300000, world.stages[1])
    again = run_of(UPDATE.format(stage=world.stages[1].name), world.dana, on_duplicate="update")
    assert (again.updated, again.skipped) == (0, 1)
    actions.undo_now(again, by=world.dana)
    actions.undo_now(run, by=world.dana)
    assert (run.restored, run.conflicts.count()) == (1, 0)
    assert state() == before


def test_what_a_deal_counts_as_in_the_forecast_comes_with_the_file(world, known):
    before, rows = state(), ["ID;Сделка;Компания;Этап;Категория прогноза;Сумма"]
    rows += [
        f"{row};{world.stages[0].name};{word};250000"
        for row, word in (
            ("77;Стулья;Romashka LLC", "Commit"),
            ("78;Столы;Romashka LLC", "Лучший случай"),
            ("79;Шкафы;Romashka LLC", "Может быть"),
        )
    ]
    run = run_of("\n".join(rows), world.dana, on_duplicate="update")
    assert (run.updated, run.created, run.refused) == (1, 1, 1)
    words = dict(Opportunity.objects.values_list("external_id", "forecast_category"))
    assert words == {"77": "commit", "78": "best"}
    for deal in Opportunity.objects.all():
        assert deal.states.get(until=None).forecast_category == deal.forecast_category
    actions.undo_now(run, by=world.dana)
    assert state() == before


def test_an_opportunity_that_moved_on_keeps_what_the_file_said(world, known):
    run = run_of(UPDATE.format(stage=""), world.dana, on_duplicate="update")
    moved = move_to_stage(Opportunity.objects.get(pk=known.pk), world.stages[2], by=world.alice)
    actions.undo_now(run, by=world.dana)
    moved.refresh_from_db()
    assert (moved.potential, moved.stage, moved.states.count()) == (300000, world.stages[2], 3)
    assert [(c.model, c.reason) for c in run.conflicts.all()] == [("opportunities.opportunity", "edited")]


def test_a_strangers_opportunity_is_not_updated(world, known):
    run = run_of(UPDATE.format(stage=""), world.charlie, on_duplicate="update")
    known.refresh_from_db()
    assert (run.refused, known.potential) == (1, 250000)


@contextmanager
def afresh():
    """One example over the world as it was. Rolled back, it also gives back the locks of its scratch tables: many examples in one transaction
    filled the server's table of locks ("out of shared memory"), sooner where other tests ran beside them.
    """
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


names = st.sampled_from(["Romashka LLC", "ООО Ромашка", "Север", "Юг", "Восток", "", "Y" * 250])
row = st.tuples(
    names,
    st.sampled_from(["", "7707083893", "7736050003", "1"]),
    st.sampled_from(["", "+7 495 123-45-67", "84950000001", "no phone"]),
    st.sampled_from(["", "info@romashka.example", "x@example.com", "not an address"]),
    st.sampled_from(["", "Moscow", "Tver"]),
    st.sampled_from(["", "Anna Petrova", "Boris"]),
    st.sampled_from(["", "Trade", "Metal"]),
    st.sampled_from(["", "Alice", "Somebody Else"]),
)


@given(
    rows=st.lists(row, min_size=1, max_size=12),
    choice=st.sampled_from(["skip", "update", "create"]),
    earlier=st.lists(row, max_size=5),
)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_any_file_over_any_base_comes_out_whole(world, rows, choice, earlier):
    """Created, updated, mixed and broken rows: the state after import and undo is the state before."""
    with afresh():
        header = "Name;Tax ID;Phone;E-mail;City;Contact;Industry;Owner\n"
        if earlier:
            run_of(header + "".join(";".join(one) + "\n" for one in earlier) + "Base;;;;;;;\n", world.dana)
        before = hashlib.sha256(json.dumps(state(), sort_keys=True, default=str).encode()).hexdigest()
        run = run_of(
            header + "".join(";".join(one) + "\n" for one in rows) + "Last;;;;;;;\n", world.dana, on_duplicate=choice
        )
        actions.undo_now(run, by=world.dana)
        after = hashlib.sha256(json.dumps(state(), sort_keys=True, default=str).encode()).hexdigest()
        assert after == before
        assert run.conflicts.count() == 0
        actions.run_now(run, by=world.dana)
        actions.undo_now(run, by=world.dana)
        assert hashlib.sha256(json.dumps(state(), sort_keys=True, default=str).encode()).hexdigest() == before


deal = st.tuples(
    st.sampled_from(["", "1", "2", "3"]),
    st.sampled_from(["Chairs", "Tables", "Chairs opportunity", ""]),
    st.sampled_from(["Romashka LLC", "Север", "Юг", ""]),
    st.sampled_from(["First contact", "Meeting", "Pilot", "won", "lost", ""]),
    st.sampled_from(["100", "1 234,50", "-5", "many", ""]),
    st.sampled_from(["", "01.03.2024", "31.12.2099", "05.04.2025"]),
    st.sampled_from(["", "02.05.2025", "01.01.2024"]),
    st.sampled_from(["", "Alice", "Somebody Else"]),
    st.sampled_from(["", "02.03.2024", "05.04.2025 10:00", "soon"]),
)
DEAL_HEADER = "ID;Сделка;Компания;Этап;Сумма;Дата открытия;Дата закрытия;Ответственный;Date entered Pilot\n"


def deals(rows):
    return DEAL_HEADER + "".join(";".join(one) + "\n" for one in rows) + "9;Last;Romashka LLC;Meeting;1;;;;\n"


@given(
    rows=st.lists(deal, min_size=1, max_size=10),
    choice=st.sampled_from(["skip", "update", "create"]),
    earlier=st.lists(deal, max_size=5),
    missing=st.booleans(),
)
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_any_file_of_deals_over_any_base_comes_out_whole(world, rows, choice, earlier, missing):
    """The same of opportunities with their states, stages and people; the states tile time before, after and in between."""
    with afresh():
        if earlier:
            run_of(deals(earlier), world.dana, without_partner="placeholder")
        before = state()
        run = run_of(
            deals(rows),
            world.dana,
            on_duplicate=choice,
            create_missing=missing,
            without_partner="placeholder" if missing else "refuse",
        )
        assert run.rows == run.created + run.updated + run.skipped + run.refused == len(rows) + 1
        assert not gaps()
        actions.undo_now(run, by=world.dana)
        assert state() == before
        assert run.conflicts.count() == 0


def gaps():
    """Opportunities whose states leave a gap, or whose last state is not what the opportunity says."""
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT s.opportunity_id FROM (SELECT *, lead(since) OVER (PARTITION BY opportunity_id ORDER BY since) AS next FROM opportunities_opportunitystate) s
            JOIN opportunities_opportunity o ON o.id = s.opportunity_id WHERE s.until IS DISTINCT FROM s.next
            OR s.until IS NULL AND (s.status, s.stage_id, s.potential, s.percentage) IS DISTINCT FROM (o.status, o.stage_id, o.potential, o.percentage)
        """)
        return cursor.fetchall()


def test_a_deal_changed_after_the_import_began_ends_as_the_file_says(world, known):
    """A person was quicker: their state begins after the moment the import goes by."""
    later = timezone.now() + timedelta(seconds=5)
    run_of(deals([("1", "Chairs", "Romashka LLC", "First contact", "100", "", "", "", "")]), world.dana)
    deal = Opportunity.objects.get(external_id="1")
    deal.states.update(since=later)
    run_of(
        deals([("1", "Chairs", "Romashka LLC", "Meeting", "200", "", "", "", "")]), world.dana, on_duplicate="update"
    )
    deal.refresh_from_db()
    assert [(one.stage.name, one.potential) for one in deal.states.order_by("since")] == [
        ("First contact", 100), ("Meeting", 200),
    ]  # fmt: skip
    assert deal.stage_since == deal.states.latest("since").since > later
    assert not gaps()


PATH = "Opportunity ID;Stage;Since\n77;Meeting;01.02.2024\n77;Quotation;01.03.2024 10:00\n77;First contact;10.01.2024\n5;Meeting;01.02.2024\n"


def test_the_stages_a_deal_went_through_become_its_states_and_go_again(world, known):
    before = state()
    run = run_of(PATH, world.dana)
    assert (run.kind, run.created, run.refused, gaps()) == ("stages", 3, 1, [])
    states = list(known.states.order_by("since"))
    assert [one.stage.name for one in states][:3] == ["First contact", "Meeting", "Quotation"]
    assert states[-1].stage_id == known.stage_id
    again = run_of(PATH, world.dana)
    assert (again.created, again.skipped) == (0, 3)
    actions.undo_now(again, by=world.dana)
    actions.undo_now(run, by=world.dana)
    assert state() == before
    assert run.conflicts.count() == 0


def test_states_that_went_on_since_are_kept(world, known):
    run = run_of(PATH, world.dana)
    move_to_stage(Opportunity.objects.get(pk=known.pk), world.stages[3], by=world.alice)
    actions.undo_now(run, by=world.dana)
    assert known.states.count() >= 4
    assert gaps() == []
    assert [(c.model, c.reason) for c in run.conflicts.all()] == [("opportunities.opportunity", "edited")]


def test_a_strangers_deal_keeps_its_history(world, known):
    assert run_of(PATH, world.charlie).refused == 4
    assert known.states.count() == 1


NOTES = "Company;Type;Subject;Date;Note\nRomashka LLC;Call;Asked for samples;01.02.2024 10:30;Wants oak\nНовая;Встреча;Знакомство;31.12.2080 12:00;\n"


def test_activities_come_in_and_go_again(world):
    before = state()
    run = run_of(NOTES, world.dana)
    assert (run.kind, run.created, run.refused) == ("activities", 2, 0)
    call = world.partner.activities.get(kind="call")
    assert (call.title, call.text, call.status, call.happened_at.isoformat()) == (
        "Asked for samples", "Wants oak", "done", "2024-02-01T07:30:00+00:00"
    )  # fmt: skip
    assert Partner.objects.get(name="Новая").activities.get().status == "open"
    assert run_of(NOTES, world.dana).skipped == 2
    actions.undo_now(run, by=world.dana)
    assert state() == before
