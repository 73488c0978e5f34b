"""Stories through the real browser."""

import re

import pytest
from django.db import connection
from playwright.sync_api import expect

from voronka.activities.models import Activity, Outcome
from voronka.activities.tests import make as activities
from voronka.analytics.actions import arrange_home
from voronka.analytics.reports import COUNT, Report, ReportResult, reports
from voronka.handover import jobs as handover_jobs
from voronka.handover.models import Handover
from voronka.opportunities.models import Opportunity
from voronka.partners.models import Partner

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_salesperson_signs_in_finds_a_partner_and_writes_a_note(world, visit, live_server):
    visitor = visit(world.alice)
    page = visitor.page
    page.context.clear_cookies()
    visitor.go("/")
    page.fill("input[name=login]", "alice@example.com")
    page.fill("input[name=password]", "correct horse")
    page.press("input[name=password]", "Enter")
    page.wait_for_url(live_server.url + "/")
    page.keyboard.press("/")
    page.fill("#palette-input", "romash")
    page.click(".palette-item:has-text('Romashka LLC')")
    page.fill("textarea[name=text]", "Agreed to meet on Monday")
    page.click(".composer button:has-text('Save')")
    page.wait_for_selector(".timeline >> text=Agreed to meet on Monday")
    assert visitor.complaints == []


def test_a_call_is_written_down_with_its_next_step_and_the_day_asks_for_it(world, visit):
    visitor = visit(world.alice)
    page = visitor.page
    Outcome.objects.create(name="Reached")
    visitor.go(f"/partners/{world.partner.pk}/")
    page.click(".composer-kinds label:has-text('Call')")
    page.fill(".composer [name=text]", "Likes oak")
    page.click(".composer-outcomes label:has-text('Reached')")
    page.locator(".composer [name=next]").press_sequentially("call today at 23:59")
    page.wait_for_selector(".composer .understood >> text=today, 23:59")
    page.click(".composer button:has-text('Save')")
    page.wait_for_selector(".timeline >> text=Likes oak")
    visitor.go("/")
    page.click(".day-row:has-text('Call') button:has-text('Reached')")
    page.wait_for_selector(".day-row .next-step")
    assert Activity.objects.filter(status="open").count() == 0
    assert visitor.complaints == []


def test_columns_of_a_list_are_put_into_order_by_dragging_and_by_keys_alone(world, visit):
    visitor = visit(world.alice)
    page = visitor.page
    visitor.go("/opportunities/")
    shown = page.eval_on_selector_all("[data-columns] input:checked", "boxes => boxes.map(box => box.value)")
    page.click("button[aria-label=Columns]")
    page.wait_for_function("() => Boolean(window.Sortable)")
    page.locator("[data-columns] li [data-handle]").nth(0).focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowDown")
    page.click("text=Show these columns")
    page.wait_for_url("**columns=**")
    swapped = [shown[0], shown[2], shown[1], *shown[3:]]
    assert page.url.split("columns=")[1].split("&")[0].split("%2C") == swapped
    page.click("button[aria-label=Columns]")
    page.wait_for_function("() => Boolean(window.Sortable)")
    handles = page.locator("[data-columns] li [data-handle]")
    start, end = handles.nth(1).bounding_box(), handles.nth(0).bounding_box()
    visitor.drag((start["x"] + 8, start["y"] + 8), (end["x"] + 8, end["y"] + 6))
    page.click("text=Show these columns")
    page.wait_for_url(lambda address: f"%2C{shown[1]}%2C{shown[2]}" in address)
    assert visitor.complaints == []


def test_a_card_is_dragged_to_the_next_stage(world, visit):
    visitor = visit(world.alice)
    page = visitor.go("/opportunities/board/") and visitor.page
    card = page.locator("text=Office chairs").first
    target = page.locator(f"[data-stage='{world.stages[1].pk}']").first
    card.scroll_into_view_if_needed()
    start, end = card.bounding_box(), target.bounding_box()
    with page.expect_response(lambda answer: "/move/" in answer.url) as answered:
        visitor.drag((start["x"] + 20, start["y"] + 30), (end["x"] + end["width"] / 2, end["y"] + 44))
    assert answered.value.ok
    assert Opportunity.objects.get(pk=world.opportunity.pk).stage == world.stages[1]


def test_a_note_stands_under_the_heading_of_today(world, visit):
    activities.planned(world.alice, partner=world.partner)  # later today: above what was said
    visitor = visit(world.alice)
    page = visitor.page
    visitor.go(f"/partners/{world.partner.pk}/timeline/?kind=letters")
    page.wait_for_selector(".timeline-none")  # no day has a heading yet
    for text in ("The first word", "The second word", "The third word"):
        if text == "The third word":
            visitor.go(f"/partners/{world.partner.pk}/")
            page.wait_for_selector(".timeline-day")
        page.fill(".composer [name=text]", text)
        page.click(".composer button:has-text('Save')")
        day = page.locator(".timeline-day:has(h2:text-is('Today'))")
        expect(day).to_have_count(1)
        expect(day.locator("xpath=following-sibling::li[contains(@class, 'entry-note')][1]")).to_contain_text(text)
    told = page.locator(".timeline-entry", has_text="The third word").locator("time")
    expect(told).to_have_text(re.compile(r"^\d\d:\d\d$"))
    expect(told).to_have_attribute("title", re.compile(r"\d{4}"))
    assert visitor.complaints == []


def test_a_file_of_a_slow_report_comes_by_itself_and_can_be_stopped(world, visit, monkeypatch):
    pace = {"seconds": 2}

    def answer(user, criteria):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(%s)", [pace["seconds"]])
        return ReportResult([COUNT], [{COUNT.key: 1}], {}, number=1)

    monkeypatch.setitem(reports.things, "asleep", Report("asleep", "Asleep", "A report", answer))
    monkeypatch.setattr("voronka.analytics.views.PATIENCE", 0.1)
    visitor = visit(world.dana)
    page = visitor.page
    visitor.go("/reports/")
    with page.expect_download() as downloaded:
        page.evaluate("location.assign('/reports/asleep/?export=csv')")
        page.wait_for_selector("text=The CSV file is being made.")
    assert downloaded.value.suggested_filename == "asleep.csv"
    expect(page.locator("text=The file is ready: your browser has it.")).to_be_visible()
    expect(page.locator("progress")).to_be_hidden()
    pace["seconds"] = 60
    # Playwright's own click would wait for the file.
    page.add_init_script("addEventListener('load', () => document.querySelector('.counting button')?.click())")
    page.evaluate("location.assign('/reports/asleep/?export=xlsx')")
    page.wait_for_selector("text=The file was stopped: nothing was downloaded.")
    assert visitor.complaints == []


def test_a_slow_tile_does_not_hold_the_page_and_can_be_stopped(world, visit, monkeypatch):
    def answer(user, criteria):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(60)")
        return ReportResult([COUNT], [{COUNT.key: 1}], {}, number=1)

    monkeypatch.setitem(reports.things, "asleep", Report("asleep", "Asleep", "A report", answer))
    monkeypatch.setattr("voronka.analytics.views.PATIENCE", 0.1)
    arrange_home((["report-asleep", "silent"], []), by=world.alice)
    visitor = visit(world.alice)
    page = visitor.page
    page.goto(visitor.address + "/")
    tile = page.locator("#tile-report-asleep")
    expect(tile).to_contain_text("The figures are being counted.")
    expect(tile.locator("output")).to_have_text(re.compile(r"\d s"))
    tile.locator("button:text-is('Stop counting')").click()
    expect(tile).to_contain_text("Counting was stopped.")
    assert visitor.complaints == []


def test_a_double_click_on_save_makes_one_partner(world, visit):
    visitor = visit(world.alice)
    visitor.go("/partners/new/")
    visitor.page.fill("input[name=name]", "Lopukh")
    visitor.page.dblclick("button:has-text('Save')")
    visitor.page.wait_for_selector("h1:has-text('Lopukh')")
    assert Partner.objects.filter(name="Lopukh").count() == 1


def test_a_wrong_tax_id_is_told_beside_the_field_and_nothing_is_lost(world, visit):
    visitor = visit(world.alice, "ru")
    visitor.go("/partners/new/")
    page = visitor.page
    page.fill("input[name=name]", "Лопух")
    page.fill("input[name=tax_id]", "7707083894")
    page.click("button:has-text('Сохранить')")
    page.wait_for_selector(".cell-tax_id >> text=Контрольные цифры этого ИНН неверны.")
    assert page.input_value("input[name=name]") == "Лопух"


def test_a_file_is_read_and_mapped(world, visit, tmp_path):
    file = tmp_path / "leads.csv"
    file.write_text("Наименование;Телефон\nЛопух;8 495 000-00-00\n", "cp1251")
    visitor = visit(world.alice, "ru")
    visitor.go("/imports/new/")
    visitor.page.set_input_files("input[name=file]", str(file))
    visitor.page.click("button:has-text('Прочитать файл')")
    visitor.page.wait_for_selector("h1:has-text('leads.csv')")
    assert visitor.page.locator("text=cp1251").count()
    assert visitor.page.input_value("select[name=column-0]") == "name"


TAKING_OVER = {
    "en": {
        "note": "On leave until March", "checked": "Checked: Alice answers for nothing any more.", "notice": "Alice's work is yours now", "save": "Save",
        "call": "Call about oak", "nothing": "Alice answers for nothing of this.", "back": "Take back", "said": "I am Charlie, your new manager",
    },
    "ru": {
        "note": "В отпуске до марта", "checked": "Проверено: Alice больше ни за что не отвечает.", "notice": "Вам переданы дела: Alice", "save": "Сохранить",
        "call": "Позвонить про дуб", "nothing": "Здесь нет ничего, за что отвечает Alice.", "back": "Отменить передачу", "said": "Я Charlie, ваш новый менеджер",
    },
}  # fmt: skip


def pick(page, field, name):
    """Find somebody in a selector that searches on the server."""
    page.click(f".handover [name={field}] + .ts-wrapper .ts-control")
    page.keyboard.type(name)
    page.click(f".handover [name={field}] + .ts-wrapper .option:has-text('{name}')")


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_manager_leaves_and_another_takes_over(world, visit, language, width):
    """The head hands over with a note; the taker reads the brief and goes on; nothing is left behind; what was touched stays when it is taken back."""
    said = TAKING_OVER[language]
    activities.planned(world.alice, partner=world.partner, opportunity=world.opportunity, title=said["call"])
    head, taker = (visit(person, language, width=width) for person in (world.dana, world.charlie))
    made = hands_over(head, said)
    reads_the_brief_and_goes_on(taker, said)
    finds_nothing_left(head, world, said)
    takes_back(head, made, said)
    assert Partner.objects.get(pk=world.partner.pk).owner == world.charlie
    assert Opportunity.objects.get(pk=world.opportunity.pk).owner == world.alice
    assert head.complaints == taker.complaints == []


def hands_over(head, said):
    page = head.page
    head.go("/handovers/new/")
    pick(page, "giver", "Alice")
    page.wait_for_selector(".brief >> text=Anna Petrova")
    pick(page, "taker", "Charlie")
    page.fill("[name=note]", said["note"])
    page.click("button[name=act][value=hand_over]")
    page.wait_for_selector("progress")
    made = Handover.objects.get()
    handover_jobs.work(made.pk)
    page.wait_for_selector(f"text={said['checked']}")
    return made


def reads_the_brief_and_goes_on(taker, said):
    """From the notice to the brief, from the brief to the card, and the first word to the customer."""
    page = taker.page
    taker.go("/")
    page.click(".btn-bell")
    page.click(f".notices >> text={said['notice']}")
    page.click(".handover-briefs a:has-text('Romashka LLC')")
    brief = page.locator(".brief")
    for words in (said["note"], "Anna Petrova", "Office chairs", said["call"]):
        expect(brief).to_contain_text(words)
    assert taker.accessibility() == []
    page.click("a.btn[href^='/partners/']")
    page.fill(".composer [name=text]", said["said"])
    page.click(f".composer button:has-text('{said['save']}')")
    page.wait_for_selector(f".timeline >> text={said['said']}")
    page.click("a.btn[data-key-edit]")
    page.fill("input[name=phone]", "+74950000000")
    page.click(f"button.btn-primary:has-text('{said['save']}')")
    page.wait_for_selector("h1:has-text('Romashka LLC')")
    taker.go("/")
    page.wait_for_selector(f".day-row >> text={said['call']}")


def finds_nothing_left(head, world, said):
    head.go(f"/handovers/new/?giver={world.alice.pk}")
    expect(head.page.locator("#preview")).to_contain_text(said["nothing"])
    for address in ("/partners/", "/opportunities/?status=open", "/activities/?status=open"):
        head.go(address)
        expect(head.page.locator("tr[data-row]", has_text="Charlie")).to_have_count(1)
        expect(head.page.locator("tr[data-row]", has_text="Alice")).to_have_count(0)


def takes_back(head, made, said):
    page = head.page
    head.go(made.get_absolute_url())
    page.click(f"button:has-text('{said['back']}')")
    page.wait_for_selector("progress")
    handover_jobs.work(made.pk)
    page.wait_for_selector("table >> text=Romashka LLC")


def order(page, column):
    return page.eval_on_selector_all(
        f"[data-tiles={column}] [data-tile]", "tiles => tiles.map(tile => tile.dataset.tile)"
    )


def test_tiles_are_arranged_by_dragging_and_by_keys_alone(world, visit):
    visitor = visit(world.alice)
    page = visitor.page
    visitor.go("/")
    page.click("a:has-text('Arrange')")
    page.wait_for_selector(".is-draggable")
    page.wait_for_load_state("networkidle")
    start = page.locator("#tile-silent .tile-head h2").bounding_box()
    end = page.locator("#tile-my-day .tile-head h2").bounding_box()
    first = page.locator("[data-tiles=wide] [data-tile]").first
    with page.expect_response(lambda answer: answer.url.endswith("/home/place/")) as answered:
        visitor.drag(
            (start["x"] + 10, start["y"] + 8), (end["x"] + 24, end["y"] + 4),
            lambda: expect(first).to_have_attribute("data-tile", "silent"),
        )  # fmt: skip
    assert answered.value.ok
    visitor.go("/?arrange=1")
    assert order(page, "wide")[0] == "silent"
    page.focus("#tile-silent [value=down]")
    page.keyboard.press("Enter")
    page.wait_for_url("**at=silent.down**")
    assert order(page, "wide")[1] == "silent"
    expect(page.locator("#tile-silent [value=down]")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**at=silent.across**")
    assert "silent" in order(page, "side")
    page.click('button:has-text("Back to the role\'s page")')
    page.wait_for_selector(".toast, .home")
    assert "silent" in order(page, "wide")
    assert visitor.complaints == []


def test_a_passkey_is_added_and_signs_in_without_a_password(world, visit, live_server):
    """With an authenticator the browser plays itself: keys are made, kept and asked for as by a real one."""
    visitor = visit(world.alice)
    page = visitor.page
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    ours = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    ours |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": ours})
    visitor.go("/account/2fa/webauthn/add/")
    page.fill("input[name=password]", "correct horse")  # asked again before keys are changed
    page.press("input[name=password]", "Enter")
    page.check("input[name=passwordless]")
    page.click("#mfa_webauthn_add")
    page.wait_for_url(lambda address: "/webauthn/add/" not in address)
    page.context.clear_cookies()
    visitor.go("/")
    assert visitor.accessibility() == []
    page.click("text=Sign in with a passkey")
    page.wait_for_url(live_server.url + "/")
    assert page.locator("text=Alice").count()
    assert visitor.complaints == []
