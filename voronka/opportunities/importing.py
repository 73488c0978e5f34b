"""How files become opportunities with their history: opening and closing days become states. See partners/importing.py for the tables."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, ClassVar, Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from voronka.core.access import Scope
from voronka.core.models import Company
from voronka.core.registry import import_targets
from voronka.opportunities import rules
from voronka.opportunities.models import DealContact, Threat
from voronka.partners.importing import (
    ADDRESS,
    CONTACT,
    PARTNER,
    Field,
    Target,
    has,
    model_of,
    noted,
    prefixed,
    put_contact_right,
)

_FIRST: Final = "row_number() OVER (PARTITION BY m.target_id, s.{one} ORDER BY s.row_no) = 1"
_HAS_ONE: Final = " CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM {r} r WHERE r.opportunity_id = m.target_id AND r.{one}) AS is_there) h"
OWNER: Final = Field(_("Owner"), ("sales agent", "owner", "ответственный", "менеджер", "deal owner", "opportunity owner"), longest=150)  # fmt: skip


class OpportunityTarget(Target):
    """Opportunities: found by their number in another system, else by partner, name and amount; partners are made where they are missing."""

    place = 5
    slug = "opportunities"
    model = "opportunities.opportunity"
    title = _("Opportunities")
    required = ("stage", "status", "potential", "external_id")
    patterns: ClassVar = {
        "stage_dates": re.compile(r'(?:date entered|дата перехода на(?: этап| стадию)?|вошла в этап) [\'"«]?(?P<what>[^"»(]+)["»]?(?:\s*\(.*\))?[\'"]?$', re.IGNORECASE)
    }  # fmt: skip
    telling: ClassVar = {"stage": 4, "status": 1, "potential": 2, "closed_on": 2, "opened_on": 1, "predicted_close_on": 2, "percentage": 2, "product": 1}  # fmt: skip
    fields: ClassVar = {
        "external_id": Field(_("Number in another system"), ("opportunity id", "deal id", "id", "номер", "номер сделки", "id сделки"), longest=100),
        "name": Field(_("Opportunity"), ("deal name", "opportunity", "opportunity name", "название сделки", "сделка", "название", "тема"), longest=200),
        "owner_name": OWNER,
        "stage": Field(pgettext_lazy("of a pipeline", "Stage"), ("deal stage", "этап", "этап сделки", "стадия", "стадия сделки", "stagename"), longest=100),
        "status": Field(_("Status"), ("статус", "состояние", "deal status")),
        "potential": Field(_("Amount"), ("close value", "amount", "сумма", "бюджет", "сумма сделки", "value", "deal value"), "amount"),
        "percentage": Field(_("Percentage"), ("probability", "вероятность", "вероятность, %", "closing percentage"), "percent"),
        "forecast_category": Field(_("In the forecast"), ("forecast category", "forecastcategoryname", "категория прогноза", "в прогнозе")),
        "opened_on": Field(_("Opened"), ("engage date", "дата создания", "create date", "created", "дата открытия", "opened", "start date", "дата начала"), "date"),
        "predicted_close_on": Field(
            _("Predicted closing"),
            ("predicted closing", "expected close date", "предполагаемая дата закрытия", "ожидаемое закрытие", "плановая дата закрытия"), "date",
        ),
        "closed_on": Field(_("Closed"), ("close date", "дата закрытия", "closed", "closing date", "фактическая дата закрытия"), "date"),
        "source": Field(_("Source"), ("источник", "lead source", "information source", "источник сделки"), longest=100),
        "industry": Field(_("Industry"), ("отрасль", "sector"), longest=100),
        "territory": Field(_("Territory"), ("территория", "region", "регион"), longest=100),
        "product": Field(_("Product"), ("товар", "продукт", "услуга"), longest=200),
        "stage_dates": Field(_("Reached a stage on (stage by the header)"), ()),
        "reason_words": Field(_("Reason"), ("причина", "причина отказа", "lost reason", "reason"), longest=500),
        "remarks": Field(_("Remarks"), ("примечание", "комментарий", "notes", "comment", "remarks", "description")),
        **prefixed(
            {name: field for name, field in PARTNER.items() if name not in ("source", "industry", "territory")}, "partner_", _("Partner"),
            name=("account", "company", "компания", "контрагент", "клиент", "account name", "организация", "partner"),
            tax_id=("инн", "inn", "инн контрагента"), external_id=("account id", "id компании"), website=("сайт компании",),
        ),
        **prefixed(
            CONTACT, "contact_", _("Contact"), name=("contact", "contact name", "контакт", "контактное лицо", "основной контакт"),
            phone=("телефон", "рабочий телефон", "phone"), email=("email", "e-mail", "рабочий email"), position=("должность",),
        ),
        **{name: replace(field, aliases=()) for name, field in ADDRESS.items()},
    }  # fmt: skip

    def put_own_right(self, values: dict[str, str]) -> str:
        """Won and lost are told from stages by their words."""
        values["potential"] = values.get("potential") or "0"
        status = rules.status_of(values.get("status", "")) or rules.status_of(values.get("stage", ""))
        if rules.status_of(values.get("stage", "")):
            values["stage"] = ""
        category = rules.category_of(values.get("forecast_category", ""))
        if category is None:
            return "choice"
        values["forecast_category"] = category
        values["status"] = status or rules.OPEN
        if values["status"] == rules.OPEN:
            # A closing day of an open deal is when it is expected to close.
            if values.get("closed_on") and not values.get("predicted_close_on"):
                values["predicted_close_on"] = values["closed_on"]
            values["closed_on"] = ""
        elif values.get("closed_on") and values.get("opened_on") and values["closed_on"] < values["opened_on"]:
            return "dates_order"
        values["name"] = (
            " ".join(values.get("name", "").split()) or values.get("product", "")[:200] or values.get("external_id", "")
        )
        return ""

    def judge(self, run: Any, by: Any, cursor: Any) -> None:
        choice = run.options.get("on_duplicate")
        self.find_links(run, by, cursor)
        if choice != "create":
            cursor.execute(self.sql(run, _EXISTING))
        self.find_partners(run, cursor)
        if choice != "create":
            cursor.execute(self.sql(run, _EXISTING_BY_NAME))
        _refuse_unknown_stages(run, self._pipeline(cursor), cursor)
        placeholder = "true" if run.options.get("without_partner") == "placeholder" else "false"
        cursor.execute(self.sql(run, _JUDGE, placeholder=placeholder))
        if choice == "update":
            scope = by.scope_for("opportunities.opportunity", "edit")
            everybody, people = scope == Scope.ALL, by.people_within(scope)
            changes = self.sql(run, _CHANGES, custom=self.custom_json(kept="o.custom"))
            cursor.execute(changes, {"everybody": everybody, "people": people})
            cursor.execute(self.sql(run, _JUDGE_CHANGES))

    def missing(self, run: Any, cursor: Any) -> dict[str, list[str]]:
        stages = self._stage_names(run, self._pipeline(cursor), cursor)
        return ({"stage": stages} if stages else {}) | super().missing(run, cursor)

    def write(self, run: Any, by: Any, cursor: Any) -> None:
        """Stages, partners and contacts that are missing, then the opportunities and their states."""
        company = Company.current()
        values = {"by": by.pk, "run": run.pk, "zone": company.time_zone, "currency": company.currency}
        values["pipeline"] = self._pipeline(cursor) or self._new_pipeline(run, cursor)
        self._new_stages(run, cursor, values["pipeline"])
        if "stage_dates" in run.mapping.values():
            cursor.execute(self.sql(run, _REACHED), values)
        if run.options.get("without_partner") == "placeholder":
            cursor.execute(self.sql(run, _PLACEHOLDER), {"name": str(_("Without a company")), **values})
        super().write(run, by, cursor)
        for statement in (_DEALS, _INSERT, _STATES, _NOTED):
            cursor.execute(self.sql(run, statement, custom=self.custom_json("d")), values, 10)
        if "stage_dates" in run.mapping.values():
            lay_history(run, values, cursor)
        if run.options.get("on_duplicate") == "update":
            for statement in (_UPDATE, _END_STATES, _NEXT_STATES):
                cursor.execute(self.sql(run, statement), values)

    def _pipeline(self, cursor: Any) -> int | None:
        return usual_pipeline(cursor)

    def _new_pipeline(self, run: Any, cursor: Any) -> int:
        cursor.execute(
            "INSERT INTO opportunities_pipeline (name, position, is_active, is_default) VALUES (%s, 1, true, true) RETURNING id",
            [str(_("Sales"))],
        )
        made = int(cursor.fetchone()[0])
        cursor.execute(_NOTE, [run.pk, "opportunities.pipeline", made, made])
        return made

    def _stage_names(self, run: Any, pipeline: int | None, cursor: Any) -> list[str]:
        """Stages the file names and nobody knows, those whose deals have mostly not begun first."""
        cursor.execute(self.sql(run, _NEW_STAGE_NAMES), [pipeline])
        names = [row[0] for row in cursor.fetchall()]
        if "stage_dates" in run.mapping.values():
            cursor.execute(self.sql(run, _NEW_REACHED_NAMES), [pipeline])
            earlier = [row[0] for row in cursor.fetchall()]
            names = earlier + [name for name in names if name.lower() not in {one.lower() for one in earlier}]
        return names

    def _new_stages(self, run: Any, cursor: Any, pipeline: int) -> None:
        """A file that names no stage (all its deals are closed) and an empty pipeline still need one."""
        names = self._stage_names(run, pipeline, cursor)
        cursor.execute("SELECT count(*) FROM opportunities_stage WHERE pipeline_id = %s", [pipeline])
        if not names and not cursor.fetchone()[0]:
            names = [str(_("In progress"))]
        make_stages(run, names, pipeline, cursor)


class StageTarget(Target):
    """The stages opportunities went through, a row each: their earlier states. Only where no history of our own would be overwritten."""

    place = 6
    slug = "stages"
    model = "opportunities.opportunitystate"
    title = _("Stage history")
    prefix = ""
    required = ("stage",)
    telling: ClassVar = {"opportunity_id": 3, "since": 4, "stage": 1, "percentage": 1, "potential": 1}
    fields: ClassVar = {
        "opportunity_id": Field(_("Opportunity: number in another system"), ("parentkey", "opportunity id", "opportunityid", "deal id", "id сделки", "номер сделки"), longest=100),
        "name": Field(_("Opportunity"), ("opportunity", "opportunity name", "deal name", "название сделки", "сделка"), longest=200),
        "stage": Field(pgettext_lazy("of a pipeline", "Stage"), ("stagename", "new stage", "to stage", "этап", "стадия", "новый этап", "этап сделки", "stagekey"), longest=100),
        "since": Field(pgettext_lazy("in a stage", "Since"), ("date entered", "entered", "changed at", "last modified", "since", "дата перехода", "с", "дата начала", "дата изменения", "moved at"), "moment"),
        "percentage": OpportunityTarget.fields["percentage"],
        "potential": OpportunityTarget.fields["potential"],
    }  # fmt: skip

    def put_right(self, values: dict[str, str]) -> str:
        """A stage and a moment: won and lost are no stages, and a file that says them says when the deal was closed, which we know."""
        if not values.get("stage") or rules.status_of(values["stage"]):
            return "empty"
        return "" if values.get("since") else "date"

    def judge(self, run: Any, by: Any, cursor: Any) -> None:
        scope = by.scope_for("opportunities.opportunity", "edit")
        values = {"everybody": scope == Scope.ALL, "people": by.people_within(scope)}
        _refuse_unknown_stages(run, usual_pipeline(cursor), cursor)
        cursor.execute(self.sql(run, _JUDGE_STAGES), values)

    def missing(self, run: Any, cursor: Any) -> dict[str, list[str]]:
        cursor.execute(self.sql(run, _NEW_PASSED_NAMES), [usual_pipeline(cursor)])
        names = [row[0] for row in cursor.fetchall()]
        return {"stage": names} if names else {}

    def write(self, run: Any, by: Any, cursor: Any) -> None:
        pipeline = usual_pipeline(cursor)
        if pipeline is not None:
            make_stages(run, self.missing(run, cursor).get("stage", []), pipeline, cursor)
        values = {"run": run.pk, "by": by.pk, "zone": Company.current().time_zone, "pipeline": pipeline}
        cursor.execute(self.sql(run, _PASSED), values)
        lay_history(run, values, cursor)


class HangingTarget(Target):
    """What hangs on an opportunity named by its number: a value of one of the company's lists and what is said of it.

    A subclass names the list and its field, the model and the columns an INSERT fills from the staged row.
    """

    # The staged field with the value's name, the table and model of its list, and what a new value has besides its name.
    value: ClassVar[str]
    values_in: ClassVar[str]
    more: ClassVar[tuple[str, str]] = ("", "")
    table: ClassVar[str]
    column: ClassVar[str]
    # SQL: further columns and what they get; only one of a deal's is the `one` (the primary, the winner), the first that says so.
    said: ClassVar[tuple[str, str]] = ("", "")
    one: ClassVar[str] = ""
    OF_DEAL: ClassVar = {
        "opportunity_id": StageTarget.fields["opportunity_id"],
        "name": StageTarget.fields["name"],
    }

    prefix = ""

    def put_right(self, values: dict[str, str]) -> str:
        """Without the value nothing is said of the opportunity."""
        return self._too_long(values) if values.get(self.value) else "empty"

    def judge(self, run: Any, by: Any, cursor: Any) -> None:
        scope = by.scope_for("opportunities.opportunity", "edit")
        values = {"everybody": scope == Scope.ALL, "people": by.people_within(scope)}
        if not run.options.get("create_missing"):
            cursor.execute(self._filled(run, _NO_VALUE))
        cursor.execute(self._filled(run, _JUDGE_HANGING), values)

    def lists(self, run: Any) -> dict[str, tuple[str, str]]:
        return {self.value: (self.values_in, self.value)}

    def write(self, run: Any, by: Any, cursor: Any) -> None:
        if run.options.get("create_missing"):
            cursor.execute(self._filled(run, _NEW_LIST_VALUES), {"run": run.pk})
        cursor.execute(self._filled(run, _INSERT_HANGING), {"run": run.pk})

    def _filled(self, run: Any, statement: str) -> str:
        names = dict(zip(("columns", "given"), self.said, strict=True)) | dict(
            zip(("more", "usual"), self.more, strict=True)
        )
        present = _HAS_ONE.format(r=self.table, one=self.one) if self.one else ""
        return self.sql(
            run, statement, f=self.value, l=self.values_in, lm=model_of(self.values_in), r=self.table, m=self.model, k=self.column,
            present=present, **names,
        )  # fmt: skip


class CompetitorTarget(HangingTarget):
    """Who else sells to the customer of an opportunity, and how dangerous they are."""

    place = 7
    slug = "competitors"
    model = "opportunities.dealcompetitor"
    title = _("Competitors of opportunities")
    required = ("competitor",)
    telling: ClassVar = {"competitor": 5, "threat": 3, "won": 1, "opportunity_id": 2, "details": 1}
    fields: ClassVar = {
        **HangingTarget.OF_DEAL,
        "competitor": Field(_("Competitor"), ("competitor", "competition", "конкурент"), longest=100),
        "threat": Field(_("Threat"), ("threat", "threat level", "угроза", "уровень угрозы")),
        "details": Field(_("Details"), ("details", "подробности"), longest=200),
        "won": Field(_("Won the deal"), ("won", "won or lost", "выиграл сделку"), "bool"),
    }  # fmt: skip
    choices: ClassVar = {"threat": {str(value): label for value, label in Threat.choices}}
    value, values_in, table, column = (
        "competitor",
        "opportunities_competitor",
        "opportunities_dealcompetitor",
        "competitor_id",
    )
    more = (", threat, details", f", {Threat.MEDIUM}, ''")
    one = "won"
    said = (
        ", threat, details, won",
        f", coalesce(nullif(s.threat, '')::int, {Threat.MEDIUM}), s.details, s.won = 'true' AND NOT h.is_there AND {_FIRST.format(one='won')}",
    )

    def put_right(self, values: dict[str, str]) -> str:
        if typed := values.get("threat", ""):
            values["threat"] = rules.THREATS.get(typed.lower(), "")
            if not values["threat"]:
                return "choice"
        return super().put_right(values)


class InterestTarget(HangingTarget):
    """What the customer of an opportunity is interested in."""

    place = 8
    slug = "interests"
    model = "opportunities.opportunityinterest"
    title = _("Interests of opportunities")
    required = ("interest",)
    telling: ClassVar = {"interest": 5, "is_primary": 3, "opportunity_id": 2}
    fields: ClassVar = {
        **HangingTarget.OF_DEAL,
        "interest": Field(_("Interest"), ("interest", "интерес"), longest=100),
        "is_primary": Field(_("Primary"), ("primary", "primary interest", "основной интерес"), "bool"),
    }
    value, values_in, table, column = (
        "interest",
        "opportunities_interest",
        "opportunities_opportunityinterest",
        "interest_id",
    )
    one = "is_primary"
    said = (", is_primary", f", s.is_primary = 'true' AND NOT h.is_there AND {_FIRST.format(one='is_primary')}")


class ReasonTarget(HangingTarget):
    """Why an opportunity was won or lost, several reasons each."""

    place = 9
    slug = "reasons"
    model = "opportunities.opportunity_reasons"
    title = _("Reasons of opportunities")
    required = ("reason_name",)
    telling: ClassVar = {"reason_name": 4, "opportunity_id": 2}
    fields: ClassVar = {
        **HangingTarget.OF_DEAL,
        "reason_name": Field(_("Reason"), ("reason", "причина"), longest=100),
    }
    value, values_in, table, column = (
        "reason_name",
        "opportunities_reason",
        "opportunities_opportunity_reasons",
        "reason_id",
    )
    more = (", for_won, for_lost", ", true, true")


class DealPartnerTarget(Target):
    """Other companies that have to do with an opportunity named by its number: found like any partner, made anew if nobody is."""

    place = 10
    slug = "deal-partners"
    model = "opportunities.dealpartner"
    title = _("Partners in opportunities")
    required = ("partner_name", "partner_tax_id", "partner_external_id")
    telling: ClassVar = {"relationship": 3, "partner_name": 1, "opportunity_id": 2, "details": 1}
    RELATIONSHIPS: ClassVar = "opportunities_relationship"
    fields: ClassVar = {
        **HangingTarget.OF_DEAL,
        "relationship": Field(_("Relationship"), ("relationship", "role in the deal", "отношение", "отношение к сделке", "роль в сделке"), longest=100),
        "details": Field(_("Details"), ("details", "подробности"), longest=200),
        **prefixed(
            PARTNER, "partner_", _("Partner"), name=("partner", "partners", "company", "company name", "партнер", "контрагент", "компания", "организация"),
            tax_id=("инн", "inn", "инн контрагента"), external_id=("cardcode", "account id", "company id", "id компании", "код контрагента"), kpp=("кпп",),
        ),
        "owner_name": replace(OWNER, aliases=()),
    }  # fmt: skip

    def put_own_right(self, values: dict[str, str]) -> str:
        return "" if any(values.get(field) for field in self.required) else "no_partner"

    def lists(self, run: Any) -> dict[str, tuple[str, str]]:
        own = {"relationship": (self.RELATIONSHIPS, "relationship")} if has(run, "relationship") else {}
        return super().lists(run) | own

    def judge(self, run: Any, by: Any, cursor: Any) -> None:
        """Rows without an opportunity of yours first, so that no partner is made for them."""
        deals, partners = by.scope_for("opportunities.opportunity", "edit"), by.scope_for("partners.partner", "see")
        cursor.execute(self.sql(run, _OF_DEALS), {"everybody": deals == Scope.ALL, "people": by.people_within(deals)})
        self.find_partners(run, cursor)
        cursor.execute(
            self.sql(run, _JUDGE_DEAL_PARTNERS),
            {"everybody": partners == Scope.ALL, "people": by.people_within(partners)},
        )

    def write(self, run: Any, by: Any, cursor: Any) -> None:
        super().write(run, by, cursor)
        cursor.execute(self.sql(run, _INSERT_DEAL_PARTNERS), {"run": run.pk})


class DealPartTarget(Target):
    """What hangs on an opportunity named by its number and is no value of a list. A subclass says how its own row is judged and written."""

    prefix = ""
    # Fields of each of which a file must fill one, or it is about something else however much of it is known.
    needs: ClassVar[tuple[tuple[str, ...], ...]]

    def score(self, fields: Any) -> int:
        return super().score(fields) if not any(set(names).isdisjoint(fields) for names in self.needs) else 0

    def find_deals(self, run: Any, by: Any, cursor: Any) -> None:
        """Fill {t}_deal: the opportunity of each row, where this person may change it."""
        scope = by.scope_for("opportunities.opportunity", "edit")
        cursor.execute(self.sql(run, _OF_DEALS), {"everybody": scope == Scope.ALL, "people": by.people_within(scope)})


class ItemTarget(DealPartTarget):
    """What is to be sold, with prices: the second line of a name is the second such item of the opportunity. The opportunity's amount stays as
    it is: on the page, too, the sum of the items becomes it only when somebody says so.
    """

    place = 11
    slug = "deal-items"
    model = "opportunities.dealitem"
    title = _("Items of opportunities")
    required = ("item",)
    needs = (tuple(HangingTarget.OF_DEAL), required)
    telling: ClassVar = {"item": 1, "quantity": 2, "price": 2, "discount": 1, "unit": 1, "opportunity_id": 2}
    fields: ClassVar = {
        **HangingTarget.OF_DEAL,
        "item": Field(
            _("Item"),
            ("item", "item name", "product", "product name", "товар", "товар/услуга", "товары (работы, услуги)", "позиция", "продукт", "услуга", "номенклатура",
             "наименование", "наименование товара", "название товара"), longest=200,
        ),
        "quantity": Field(_("Quantity"), ("qty", "количество", "кол-во", "к-во"), "decimal"),
        "unit": Field(_("Unit"), ("unit of measure", "uom", "ед", "ед.", "ед. изм.", "ед.изм.", "единица", "единица измерения"), longest=20),
        "price": Field(_("Price"), ("unit price", "sales price", "цена", "цена за единицу", "цена за ед."), "amount"),
        "discount": Field(_("Discount, %"), ("discount", "discount %", "discount (%)", "discount percent", "discount, %", "скидка", "скидка, %", "скидка %", "скидка (%)", "% скидки", "процент скидки"), "percent"),
    }  # fmt: skip

    def put_right(self, values: dict[str, str]) -> str:
        """An item needs its name and a price; none said of the quantity is one."""
        values["item"] = " ".join(values.get("item", "").split())
        if not values["item"]:
            return "empty"
        if not values.get("price"):
            return "no_price"
        return rules.item_fault(values.get("quantity", ""), values["price"]) or self._too_long(values)

    def judge(self, run: Any, by: Any, cursor: Any) -> None:
        self.find_deals(run, by, cursor)
        cursor.execute(self.sql(run, _JUDGE_ITEMS), {"updates": self._updates(run)})

    def write(self, run: Any, by: Any, cursor: Any) -> None:
        cursor.execute(self.sql(run, _INSERT_ITEMS), {"run": run.pk})
        if self._updates(run):
            cursor.execute(self.sql(run, _UPDATE_ITEMS), {"run": run.pk})

    def _updates(self, run: Any) -> bool:
        return bool(run.options.get("on_duplicate") == "update")


class DealContactTarget(DealPartTarget):
    """Who at the partner of an opportunity plays which part in the decision: a contact that is there, by e-mail or else by the words of the name."""

    place = 12
    slug = "deal-contacts"
    model = "opportunities.dealcontact"
    title = _("Contacts in opportunities")
    required = ("contact_name", "contact_first_name", "contact_last_name", "contact_email")
    needs = (tuple(HangingTarget.OF_DEAL), required, ("role",))
    telling: ClassVar = {"role": 2, "contact_name": 3, "contact_first_name": 3, "contact_last_name": 2, "opportunity_id": 2}  # fmt: skip
    fields: ClassVar = {
        **HangingTarget.OF_DEAL,
        **prefixed(
            {name: CONTACT[name] for name in ("name", *Target.GATHERED, "email")}, "contact_", _("Contact"),
            name=("contact", "contact name", "contact person", "контакт", "контактное лицо", "фио", "фио контакта"), first_name=CONTACT["first_name"].aliases,
            last_name=CONTACT["last_name"].aliases, middle_name=CONTACT["middle_name"].aliases,
            email=("email", "e-mail", "contact email", "эл. почта", "почта", "email контакта", "e-mail контакта"),
        ),
        "role": Field(_("Role"), ("role", "contact role", "role in the deal", "роль", "роль в сделке", "роль контакта")),
        "details": Field(_("Details"), ("details", "подробности"), longest=200),
    }  # fmt: skip
    choices: ClassVar = {"role": dict(DealContact.Role.choices)}

    def put_right(self, values: dict[str, str]) -> str:
        """Whoever plays no part that is said decides, as on the page."""
        self.put_name_together(values)
        put_contact_right(values, self.contact_prefix)
        if not values.get("contact_name") and not values.get("contact_email"):
            return "no_contact"
        role = rules.role_of(values.get("role", ""))
        values["role"] = role or values["role"]
        return self._too_long(values) if role else "role"

    def judge(self, run: Any, by: Any, cursor: Any) -> None:
        """Contacts of a partner this person does not see are as good as none."""
        self.find_deals(run, by, cursor)
        scope = by.scope_for("partners.partner", "see")
        values = {"everybody": scope == Scope.ALL, "people": by.people_within(scope)}
        names = {"theirs": _WORDS.format(name="c.name"), "said": _WORDS.format(name="s.contact_name")}
        cursor.execute(self.sql(run, _JUDGE_DEAL_CONTACTS, **names), values)

    def write(self, run: Any, by: Any, cursor: Any) -> None:
        cursor.execute(self.sql(run, _INSERT_DEAL_CONTACTS), {"run": run.pk})


def usual_pipeline(cursor: Any) -> int | None:
    """The pipeline of opportunities whose file names none."""
    cursor.execute(
        "SELECT id FROM opportunities_pipeline WHERE is_active ORDER BY is_default DESC, position, id LIMIT 1"
    )
    found = cursor.fetchone()
    return found[0] if found else None


def make_stages(run: Any, names: list[str], pipeline: int, cursor: Any) -> None:
    """New stages at the end of the pipeline, their percentages spread between."""
    cursor.execute(
        "SELECT count(*), coalesce(max(position), 0) FROM opportunities_stage WHERE pipeline_id = %s", [pipeline]
    )
    count, last = cursor.fetchone()
    for place, name in enumerate(names, 1):
        row = [pipeline, name, last + place, round(100 * (count + place) / (count + len(names) + 1))]
        cursor.execute(
            "INSERT INTO opportunities_stage (pipeline_id, name, position, percentage, required, asks_comment, is_active) "
            "VALUES (%s, %s, %s, %s, '{}', false, true) RETURNING id",
            row,
        )
        made = cursor.fetchone()[0]
        cursor.execute(_NOTE, [run.pk, "opportunities.stage", made, made])


def _refuse_unknown_stages(run: Any, pipeline: int | None, cursor: Any) -> None:
    """Where no new stages are wanted, a row that names one can't be taken: it would change the deal's stage in silence."""
    if not run.options.get("create_missing"):
        cursor.execute(_NO_STAGE.format(t=run.staging), [pipeline])


def lay_history(run: Any, values: dict[str, Any], cursor: Any) -> None:
    """Turn the moments in {t}_passed into states: the one open state an opportunity had becomes the last of those it went through.

    What that state was before is kept for the run, to be taken back. An opportunity that is in another stage by now than the last one told has been
    there since now: that is all one knows.
    """
    for statement in (_PATHS, _KEPT_STATES, _FIRST_OF_PATH, _REST_OF_PATH, _WHERE_IT_IS):
        cursor.execute(statement.format(t=run.staging), values)


_NOTE: Final = "INSERT INTO imports_importedrecords (run_id, model, action, ids) VALUES (%s, %s, 'created', ARRAY[int8range(%s, %s, '[]')])"
_EXISTING: Final = """
    UPDATE {t} s SET target_id = o.id FROM opportunities_opportunity o
    WHERE s.reason IS NULL AND s.external_id <> '' AND o.external_id = s.external_id AND o.deleted_at IS NULL
"""
# Without a number the n-th deal of one partner, name and amount is the n-th such deal we have.
_EXISTING_BY_NAME: Final = """
    UPDATE {t} s SET target_id = known.id
    FROM (
        SELECT s.row_no, g.id AS partner_id, s.name, s.potential::numeric AS potential,
            row_number() OVER (PARTITION BY g.id, s.name, s.potential ORDER BY s.row_no) AS place
        FROM {t} s JOIN {t}_partner g USING (row_no) WHERE s.reason IS NULL AND s.target_id IS NULL AND s.external_id = '' AND NOT g.is_new
    ) ours JOIN (
        SELECT o.id, o.partner_id, o.name, o.potential, row_number() OVER (PARTITION BY o.partner_id, o.name, o.potential ORDER BY o.id) AS place
        FROM opportunities_opportunity o WHERE o.deleted_at IS NULL AND o.partner_id IN (SELECT id FROM {t}_partner WHERE NOT is_new)
    ) known USING (partner_id, name, potential, place)
    WHERE ours.row_no = s.row_no
"""
_JUDGE: Final = """
    CREATE UNLOGGED TABLE {t}_main AS
    SELECT row_no, reason, CASE WHEN reason IS NULL THEN 'created' WHEN reason IN ('twice', 'exists') THEN 'skipped' ELSE 'refused' END AS action,
        CASE WHEN reason IS NULL THEN nextval(pg_get_serial_sequence('opportunities_opportunity', 'id')) ELSE target_id END AS target_id
    FROM (
        SELECT s.row_no, s.target_id, CASE
            WHEN s.reason IS NOT NULL THEN s.reason
            WHEN s.external_id <> '' AND row_number() OVER (PARTITION BY s.reason IS NULL, nullif(s.external_id, '') ORDER BY s.row_no) > 1 THEN 'twice'
            WHEN s.target_id IS NOT NULL THEN 'exists'
            WHEN g.id IS NULL AND NOT {placeholder} THEN 'no_partner' END AS reason
        FROM {t} s LEFT JOIN {t}_partner g USING (row_no)
    ) judged ORDER BY row_no
"""
_NEW_STAGE_NAMES: Final = """
    SELECT min(stage) FROM {t} s JOIN {t}_main m USING (row_no) WHERE stage <> '' AND m.action = 'created'
    AND NOT EXISTS (SELECT FROM opportunities_stage g WHERE g.pipeline_id = %s AND lower(g.name) = lower(s.stage))
    GROUP BY lower(stage) ORDER BY count(nullif(opened_on, ''))::float / count(*), min(row_no)
"""
_NO_STAGE: Final = """
    UPDATE {t} s SET reason = 'no_stage' WHERE s.reason IS NULL AND s.stage <> ''
    AND NOT EXISTS (SELECT FROM opportunities_stage g WHERE g.pipeline_id = %s AND lower(g.name) = lower(s.stage))
"""
# Moments from columns of the deal's own row, a line each: when, a tab, which stage.
_REACHED: Final = """
    CREATE UNLOGGED TABLE {t}_passed AS
    SELECT m.target_id AS opportunity_id, split_part(line, E'\\t', 2) AS stage, split_part(line, E'\\t', 1)::timestamp AT TIME ZONE %(zone)s AS since,
        NULL::numeric AS percentage, NULL::numeric AS potential
    FROM {t} s JOIN {t}_main m USING (row_no) CROSS JOIN LATERAL regexp_split_to_table(s.stage_dates, E'\\n') AS line
    WHERE m.action = 'created' AND s.stage_dates <> ''
"""
_NEW_REACHED_NAMES: Final = """
    SELECT min(named.stage) FROM (
        SELECT split_part(line, E'\\t', 2) AS stage, place FROM {t} s JOIN {t}_main m USING (row_no)
        CROSS JOIN LATERAL regexp_split_to_table(s.stage_dates, E'\\n') WITH ORDINALITY AS told(line, place) WHERE m.action = 'created' AND s.stage_dates <> ''
    ) named WHERE NOT EXISTS (SELECT FROM opportunities_stage g WHERE g.pipeline_id = %s AND lower(g.name) = lower(named.stage))
    GROUP BY lower(named.stage) ORDER BY avg(named.place), 1
"""
# A row is about the opportunity with its number, else about the only one of its name.
_JUDGE_STAGES: Final = """
    CREATE UNLOGGED TABLE {t}_main AS
    SELECT row_no, target_id, reason, CASE WHEN reason IS NULL THEN 'created' WHEN reason IN ('has_history', 'twice') THEN 'skipped' ELSE 'refused' END AS action
    FROM (
        SELECT s.row_no, o.id AS target_id, CASE
            WHEN s.reason IS NOT NULL THEN s.reason
            WHEN o.id IS NULL OR NOT (%(everybody)s OR o.owner_id = ANY(%(people)s::bigint[])) THEN 'no_opportunity'
            WHEN (SELECT count(*) FROM opportunities_opportunitystate p WHERE p.opportunity_id = o.id AND p.status = 'open') <> 1 THEN 'has_history'
            WHEN row_number() OVER (PARTITION BY s.reason IS NULL, o.id, s.since ORDER BY s.row_no) > 1 THEN 'twice' END AS reason
        FROM {t} s LEFT JOIN LATERAL (
            SELECT o.id, o.owner_id FROM opportunities_opportunity o WHERE o.deleted_at IS NULL AND CASE WHEN s.opportunity_id <> ''
                THEN o.external_id = s.opportunity_id ELSE s.name <> '' AND o.name = s.name END ORDER BY o.id LIMIT 1
        ) o ON true
    ) judged
"""
_NEW_PASSED_NAMES: Final = """
    SELECT min(stage) FROM (
        SELECT s.stage, row_number() OVER (PARTITION BY m.target_id ORDER BY s.since) AS place FROM {t} s JOIN {t}_main m USING (row_no) WHERE m.action = 'created'
    ) named WHERE NOT EXISTS (SELECT FROM opportunities_stage g WHERE g.pipeline_id = %s AND lower(g.name) = lower(named.stage))
    GROUP BY lower(stage) ORDER BY avg(place), 1
"""
_PASSED: Final = """
    CREATE UNLOGGED TABLE {t}_passed AS
    SELECT m.target_id AS opportunity_id, s.stage, s.since::timestamp AT TIME ZONE %(zone)s AS since, nullif(s.percentage, '')::numeric AS percentage,
        nullif(s.potential, '')::numeric AS potential
    FROM {t} s JOIN {t}_main m USING (row_no) WHERE m.action = 'created'
"""
# The open states each opportunity went through, one after another: without what lies in the future or behind its closing, and of equal moments one.
_PATHS: Final = """
    CREATE UNLOGGED TABLE {t}_path AS
    SELECT told.*, row_number() OVER walk AS place, lead(told.since) OVER walk AS until
    FROM (
        SELECT DISTINCT ON (p.opportunity_id, p.since) p.opportunity_id, one.id AS state_id, one.since AS was_since, one.until AS ends, p.since, g.id AS stage_id,
            coalesce(p.percentage, g.percentage) AS percentage, p.potential
        FROM {t}_passed p JOIN opportunities_opportunitystate one ON one.opportunity_id = p.opportunity_id AND one.status = 'open'
        JOIN opportunities_opportunity o ON o.id = p.opportunity_id
        JOIN opportunities_stage g ON g.pipeline_id = o.pipeline_id AND lower(g.name) = lower(p.stage)
        WHERE p.since < least(coalesce(one.until, now()), now()) ORDER BY p.opportunity_id, p.since, g.position DESC
    ) told WINDOW walk AS (PARTITION BY told.opportunity_id ORDER BY told.since)
"""
_KEPT_STATES: Final = """
    INSERT INTO imports_importedstate (run_id, state_id, opportunity_id, before)
    SELECT DISTINCT ON (s.id) %(run)s, s.id, s.opportunity_id, to_jsonb(s) FROM {t}_path p JOIN opportunities_opportunitystate s ON s.id = p.state_id
"""
# The state that was there becomes the first, the others follow it: written so, no two of them ever overlap.
_FIRST_OF_PATH: Final = """
    UPDATE opportunities_opportunitystate s SET since = least(p.since, s.since), until = coalesce(p.until, s.until), stage_id = p.stage_id,
        percentage = p.percentage, potential = coalesce(p.potential, s.potential),
        potential_company = company_value(coalesce(p.potential, s.potential), s.currency, least(p.since, s.since))
    FROM {t}_path p WHERE p.place = 1 AND s.id = p.state_id
"""
_REST_OF_PATH: Final = """
    WITH made AS (
        INSERT INTO opportunities_opportunitystate (opportunity_id, since, until, status, stage_id, percentage, potential, currency, potential_company,
            gross_profit_percent, forecast_category, predicted_close_on, owner_id, territory_id, source_id, industry_id, changed_by_id, comment)
        SELECT s.opportunity_id, p.since, coalesce(p.until, p.ends), 'open', p.stage_id, p.percentage, coalesce(p.potential, s.potential), s.currency,
            company_value(coalesce(p.potential, s.potential), s.currency, p.since), s.gross_profit_percent, s.forecast_category, s.predicted_close_on, s.owner_id, s.territory_id, s.source_id, s.industry_id, %(by)s, ''
        FROM {t}_path p JOIN opportunities_opportunitystate s ON s.id = p.state_id WHERE p.place > 1 RETURNING id
    ) """ + noted("opportunities.opportunitystate", "earlier")
# An open opportunity stands where its header says: the last state says so from its beginning if the stage is the same, else from now on.
_WHERE_IT_IS: Final = """
    WITH last AS (
        SELECT s.id, s.stage_id = o.stage_id AS agrees FROM {t}_path p JOIN opportunities_opportunity o ON o.id = p.opportunity_id AND o.status = 'open'
        JOIN opportunities_opportunitystate s ON s.opportunity_id = o.id AND s.until IS NULL AND s.status = 'open' WHERE p.until IS NULL
    ), agreed AS (
        UPDATE opportunities_opportunitystate s SET percentage = o.percentage, potential = o.potential, potential_company = o.potential_company FROM last, opportunities_opportunity o
        WHERE s.id = last.id AND last.agrees AND o.id = s.opportunity_id
    ), ended AS (
        UPDATE opportunities_opportunitystate s SET until = now() FROM last WHERE s.id = last.id AND NOT last.agrees RETURNING s.id, s.opportunity_id
    ), made AS (
        INSERT INTO opportunities_opportunitystate (opportunity_id, since, status, stage_id, percentage, potential, currency, potential_company, gross_profit_percent,
            forecast_category, predicted_close_on, owner_id, territory_id, source_id, industry_id, changed_by_id, comment)
        SELECT o.id, now(), o.status, o.stage_id, o.percentage, o.potential, o.currency, o.potential_company, o.gross_profit_percent, o.forecast_category, o.predicted_close_on, o.owner_id,
            o.territory_id, o.source_id, o.industry_id, %(by)s, '' FROM ended JOIN opportunities_opportunity o ON o.id = ended.opportunity_id RETURNING id
    ) """ + noted("opportunities.opportunitystate", "earlier")
# One partner for the rows without any, found again by its name.
_PLACEHOLDER: Final = (
    """
    WITH found AS (SELECT id FROM partners_partner WHERE name = %(name)s AND deleted_at IS NULL LIMIT 1),
    made AS (
        INSERT INTO partners_partner (created_at, updated_at, created_by_id, version, owner_id, name, kind, legal_status, is_channel, country, full_name,
            tax_id, kpp, ogrn, phone, phone2, email, website, remarks, external_id)
        SELECT now(), now(), %(by)s, 1, %(by)s, %(name)s, 'lead', 'company', false, 'RU', '', '', '', '', '', '', '', '', '', ''
        WHERE NOT EXISTS (SELECT FROM found) RETURNING id
    ), noted AS ("""
    + noted("partners.partner")
    + """), one AS (SELECT id FROM found UNION ALL SELECT id FROM made)
    INSERT INTO {t}_partner SELECT m.row_no, one.id, false, false FROM {t}_main m, one
    WHERE m.action = 'created' AND NOT EXISTS (SELECT FROM {t}_partner g WHERE g.row_no = m.row_no)
"""
)
# Typed and completed. A closed deal without a stage was last in the most advanced one the file knows.
_DEALS: Final = """
    CREATE UNLOGGED TABLE {t}_deal AS
    WITH usual AS (
        SELECT g.id FROM opportunities_stage g WHERE g.pipeline_id = %(pipeline)s
        ORDER BY lower(g.name) IN (SELECT lower(stage) FROM {t} WHERE stage <> '') DESC, g.position DESC, g.id DESC LIMIT 1
    ), dated AS (
        SELECT s.*, m.target_id AS id, nullif(s.opened_on, '')::date AS began,
            CASE WHEN s.status <> 'open' THEN greatest(nullif(s.opened_on, '')::date,
                coalesce(nullif(s.closed_on, '')::date, nullif(s.predicted_close_on, '')::date, current_date)) END AS ended
        FROM {t} s JOIN {t}_main m USING (row_no) WHERE m.action = 'created'
    )
    SELECT d.row_no, d.id, d.name, d.status, p.id AS partner_id, c.id AS contact_id, coalesce(o.id, %(by)s) AS owner_id, g.id AS stage_id,
        coalesce(nullif(d.percentage, '')::numeric, g.percentage) AS percentage, d.forecast_category, d.potential::numeric AS potential,
        coalesce(d.began, d.ended, current_date) AS opened_on, d.ended AS closed_on,
        greatest(coalesce(nullif(d.predicted_close_on, '')::date, d.ended, current_date + 30), d.began) AS predicted_close_on,
        CASE WHEN coalesce(d.began, d.ended) IS NULL THEN now() ELSE coalesce(d.began, d.ended)::timestamp AT TIME ZONE %(zone)s END AS since,
        (d.ended + time '18:00') AT TIME ZONE %(zone)s AS until,
        d.product, r.id AS territory_id, u.id AS source_id, i.id AS industry_id, d.reason_words, d.external_id,
        concat_ws(E'\\n', nullif(d.remarks, ''), CASE WHEN d.owner_name <> '' AND o.id IS NULL THEN d.owner_name END) AS remarks,
        {custom} AS custom
    FROM dated d JOIN {t}_partner p USING (row_no) LEFT JOIN {t}_contact c USING (row_no)
    LEFT JOIN {t}_people o ON d.owner_name <> '' AND o.name = lower(d.owner_name)
    LEFT JOIN opportunities_stage named ON named.pipeline_id = %(pipeline)s AND d.stage <> '' AND lower(named.name) = lower(d.stage)
    JOIN opportunities_stage g ON g.id = coalesce(named.id, (SELECT id FROM usual))
    LEFT JOIN partners_industry i ON d.industry <> '' AND lower(i.name) = lower(d.industry)
    LEFT JOIN partners_source u ON d.source <> '' AND lower(u.name) = lower(d.source)
    LEFT JOIN partners_territory r ON d.territory <> '' AND lower(r.name) = lower(d.territory)
    ORDER BY d.row_no
"""
_INSERT: Final = """
    INSERT INTO opportunities_opportunity (id, created_at, updated_at, created_by_id, version, owner_id, name, partner_id, contact_id, pipeline_id, stage_id,
        status, percentage, forecast_category, potential, currency, potential_company, gross_profit_percent, opened_on, predicted_close_on, closes_unit,
        closed_on, stage_since, product, project, territory_id, source_id, industry_id, remarks, close_comment, external_id, custom)
    SELECT id, now(), now(), %(by)s, 1, owner_id, name, partner_id, contact_id, %(pipeline)s, stage_id, status, percentage, forecast_category, potential,
        %(currency)s, potential, 0, opened_on, predicted_close_on, 'D', closed_on, coalesce(until, since), product, '', territory_id, source_id, industry_id, remarks, reason_words,
        external_id, custom
    FROM {t}_deal
"""
_STATES: Final = """
    INSERT INTO opportunities_opportunitystate (opportunity_id, since, until, status, stage_id, percentage, potential, currency, potential_company,
        gross_profit_percent, forecast_category, predicted_close_on, owner_id, territory_id, source_id, industry_id, changed_by_id, comment)
    SELECT d.id, span.since, span.until, span.status, d.stage_id, d.percentage, d.potential, %(currency)s, d.potential, 0, d.forecast_category, d.predicted_close_on,
        d.owner_id, d.territory_id, d.source_id, d.industry_id, %(by)s, ''
    FROM {t}_deal d CROSS JOIN LATERAL (
        VALUES (1, d.since, CASE WHEN d.status <> 'open' THEN d.until END, 'open'), (2, d.until, NULL::timestamptz, d.status)
    ) AS span(place, since, until, status)
    WHERE span.place = 1 OR d.status <> 'open'
"""
_NOTED: Final = noted("opportunities.opportunity", rows="{t}_deal")

# What the file says of opportunities we have: only of open ones, whose present is still being written, and only what differs. A stage is found by its
# name in the opportunity's own pipeline; won and lost are for people to say, with a reason.
_CHANGES: Final = """
    CREATE UNLOGGED TABLE {t}_change AS
    SELECT row_no, id, yours AND is_open AS allowed, yours, name, potential, percentage, forecast_category, predicted_close_on, stage_id, product, remarks, custom,
        (name, potential, percentage, forecast_category, predicted_close_on, stage_id, product, remarks, custom)
            IS DISTINCT FROM (o_name, o_potential, o_percentage, o_category, o_predicted, o_stage, o_product, o_remarks, o_custom) AS differs
    FROM (
        SELECT s.row_no, o.id, o.status = 'open' AS is_open, %(everybody)s OR o.owner_id = ANY(%(people)s::bigint[]) AS yours,
            o.name AS o_name, o.potential AS o_potential, o.percentage AS o_percentage, o.forecast_category AS o_category, o.predicted_close_on AS o_predicted, o.stage_id AS o_stage,
            o.product AS o_product, o.remarks AS o_remarks, o.custom AS o_custom, {custom} AS custom,
            coalesce(nullif(s.name, ''), o.name) AS name, CASE WHEN s.potential::numeric > 0 THEN s.potential::numeric ELSE o.potential END AS potential,
            coalesce(nullif(s.percentage, '')::numeric, CASE WHEN g.id <> o.stage_id THEN g.percentage END, o.percentage) AS percentage,
            coalesce(nullif(s.forecast_category, ''), o.forecast_category) AS forecast_category,
            greatest(coalesce(nullif(s.predicted_close_on, '')::date, o.predicted_close_on), o.opened_on) AS predicted_close_on,
            coalesce(g.id, o.stage_id) AS stage_id, coalesce(nullif(s.product, ''), o.product) AS product, coalesce(nullif(s.remarks, ''), o.remarks) AS remarks
        FROM {t} s JOIN {t}_main m USING (row_no) JOIN opportunities_opportunity o ON o.id = m.target_id
        LEFT JOIN opportunities_stage g ON g.pipeline_id = o.pipeline_id AND s.stage <> '' AND lower(g.name) = lower(s.stage)
        WHERE m.reason = 'exists'
    ) said
"""
_JUDGE_CHANGES: Final = """
    UPDATE {t}_main m SET action = CASE WHEN NOT c.yours THEN 'refused' WHEN c.allowed AND c.differs THEN 'updated' ELSE 'skipped' END,
        reason = CASE WHEN NOT c.yours THEN 'not_yours' WHEN NOT c.differs THEN 'same' WHEN NOT c.allowed THEN 'closed' END
    FROM {t}_change c WHERE c.row_no = m.row_no
"""
# The moment of a change: now, unless somebody else changed the opportunity after this import began; then directly after their change.
_MOMENT: Final = "greatest(now(), s.since + interval '1 microsecond')"
_UPDATE: Final = f"""
    WITH done AS (
        UPDATE opportunities_opportunity o SET name = c.name, potential = c.potential,
            potential_company = company_value(c.potential, o.currency, now()), percentage = c.percentage,
            forecast_category = c.forecast_category, predicted_close_on = c.predicted_close_on,
            stage_since = CASE WHEN c.stage_id <> o.stage_id THEN {_MOMENT} ELSE o.stage_since END, stage_id = c.stage_id, product = c.product,
            remarks = c.remarks, custom = c.custom, version = o.version + 1, updated_at = now()
        FROM {{t}}_change c JOIN {{t}}_main m USING (row_no) JOIN opportunities_opportunitystate s ON s.opportunity_id = c.id AND s.until IS NULL
        WHERE m.action = 'updated' AND o.id = c.id AND o.status = 'open' RETURNING o.id
    ) """ + noted("opportunities.opportunity", "updated", "done")
# The span that held until now ends, and one with the new values begins; nothing of it where the figures that matter stayed the same.
_END_STATES: Final = f"""
    UPDATE opportunities_opportunitystate s SET until = {_MOMENT} FROM opportunities_opportunity o, {{t}}_change c JOIN {{t}}_main m USING (row_no)
    WHERE m.action = 'updated' AND o.id = c.id AND s.opportunity_id = o.id AND s.until IS NULL
    AND (s.stage_id, s.percentage, s.forecast_category, s.potential, s.predicted_close_on)
        IS DISTINCT FROM (o.stage_id, o.percentage, o.forecast_category, o.potential, o.predicted_close_on)
"""
_NEXT_STATES: Final = """
    WITH made AS (
        INSERT INTO opportunities_opportunitystate (opportunity_id, since, status, stage_id, percentage, potential, currency, potential_company,
            gross_profit_percent, forecast_category, predicted_close_on, owner_id, territory_id, source_id, industry_id, changed_by_id, comment)
        SELECT o.id, (SELECT max(s.until) FROM opportunities_opportunitystate s WHERE s.opportunity_id = o.id), o.status, o.stage_id, o.percentage, o.potential, o.currency,
            o.potential_company, o.gross_profit_percent, o.forecast_category, o.predicted_close_on, o.owner_id,
            o.territory_id, o.source_id, o.industry_id, %(by)s, ''
        FROM opportunities_opportunity o JOIN {t}_change c ON c.id = o.id JOIN {t}_main m USING (row_no)
        WHERE m.action = 'updated' AND NOT EXISTS (SELECT FROM opportunities_opportunitystate s WHERE s.opportunity_id = o.id AND s.until IS NULL)
        RETURNING id
    ) """ + noted("opportunities.opportunitystate")

# The same opportunity and value once: in this file and among what is there.
_NO_VALUE: Final = """
    UPDATE {t} s SET reason = 'no_value' WHERE s.reason IS NULL AND NOT EXISTS (SELECT FROM {l} l WHERE lower(l.name) = lower(s.{f}))
"""
_JUDGE_HANGING: Final = """
    CREATE UNLOGGED TABLE {t}_main AS
    SELECT row_no, target_id, reason, CASE WHEN reason IS NULL THEN 'created' WHEN reason IN ('exists', 'twice') THEN 'skipped' ELSE 'refused' END AS action
    FROM (
        SELECT s.row_no, o.id AS target_id, CASE
            WHEN s.reason IS NOT NULL THEN s.reason
            WHEN o.id IS NULL OR NOT (%(everybody)s OR o.owner_id = ANY(%(people)s::bigint[])) THEN 'no_opportunity'
            WHEN EXISTS (SELECT FROM {r} r JOIN {l} l ON l.id = r.{k} WHERE r.opportunity_id = o.id AND lower(l.name) = lower(s.{f})) THEN 'exists'
            WHEN row_number() OVER (PARTITION BY s.reason IS NULL, o.id, lower(s.{f}) ORDER BY s.row_no) > 1 THEN 'twice' END AS reason
        FROM {t} s LEFT JOIN LATERAL (
            SELECT o.id, o.owner_id FROM opportunities_opportunity o WHERE o.deleted_at IS NULL AND CASE WHEN s.opportunity_id <> ''
                THEN o.external_id = s.opportunity_id ELSE s.name <> '' AND o.name = s.name END ORDER BY o.id LIMIT 1
        ) o ON true
    ) judged
"""
_NEW_LIST_VALUES: Final = """
    WITH made AS (
        INSERT INTO {l} (name, position, is_active{more})
        SELECT min({f}), 100, true{usual} FROM {t} s JOIN {t}_main m USING (row_no) WHERE m.action = 'created'
        AND NOT EXISTS (SELECT FROM {l} l WHERE lower(l.name) = lower(s.{f})) GROUP BY lower({f}) RETURNING id
    ) """ + noted("{lm}")
_INSERT_HANGING: Final = """
    WITH made AS (
        INSERT INTO {r} (opportunity_id, {k}{columns})
        SELECT m.target_id, l.id{given} FROM {t} s JOIN {t}_main m USING (row_no) JOIN LATERAL (
            SELECT l.id FROM {l} l WHERE lower(l.name) = lower(s.{f}) ORDER BY l.id LIMIT 1
        ) l ON true{present} WHERE m.action = 'created' RETURNING id
    ) """ + noted("{m}")

# The opportunity of each row: {t}_deal (row_no, opportunity_id).
_OF_DEALS: Final = """
    CREATE UNLOGGED TABLE {t}_deal AS SELECT s.row_no, o.id AS opportunity_id FROM {t} s JOIN LATERAL (
        SELECT o.id, o.owner_id FROM opportunities_opportunity o WHERE o.deleted_at IS NULL AND CASE WHEN s.opportunity_id <> ''
            THEN o.external_id = s.opportunity_id ELSE s.name <> '' AND o.name = s.name END ORDER BY o.id LIMIT 1
    ) o ON %(everybody)s OR o.owner_id = ANY(%(people)s::bigint[]) WHERE s.reason IS NULL;
    UPDATE {t} s SET reason = 'no_opportunity' WHERE s.reason IS NULL AND NOT EXISTS (SELECT FROM {t}_deal d WHERE d.row_no = s.row_no)
"""
# The same company in the same relationship once: in this file and among what is there.
_JUDGE_DEAL_PARTNERS: Final = """
    CREATE UNLOGGED TABLE {t}_main AS
    SELECT row_no, opportunity_id AS target_id, reason,
        CASE WHEN reason IS NULL THEN 'created' WHEN reason IN ('exists', 'twice') THEN 'skipped' ELSE 'refused' END AS action
    FROM (
        SELECT s.row_no, d.opportunity_id, CASE
            WHEN s.reason IS NOT NULL THEN s.reason
            WHEN NOT (%(everybody)s OR g.is_new OR p.owner_id = ANY(%(people)s::bigint[])) THEN 'not_yours'
            WHEN NOT g.is_new AND EXISTS (
                SELECT FROM opportunities_dealpartner x LEFT JOIN opportunities_relationship l ON l.id = x.relationship_id
                WHERE x.opportunity_id = d.opportunity_id AND x.partner_id = g.id AND lower(coalesce(l.name, '')) = lower(s.relationship)) THEN 'exists'
            WHEN row_number() OVER (PARTITION BY s.reason IS NULL, d.opportunity_id, g.id, lower(s.relationship) ORDER BY s.row_no) > 1 THEN 'twice'
            END AS reason
        FROM {t} s LEFT JOIN {t}_deal d USING (row_no) LEFT JOIN {t}_partner g USING (row_no) LEFT JOIN partners_partner p ON p.id = g.id AND NOT g.is_new
    ) judged
"""
_INSERT_DEAL_PARTNERS: Final = """
    WITH made AS (
        INSERT INTO opportunities_dealpartner (opportunity_id, partner_id, relationship_id, details)
        SELECT m.target_id, g.id, (SELECT min(l.id) FROM opportunities_relationship l WHERE s.relationship <> '' AND lower(l.name) = lower(s.relationship)),
            s.details
        FROM {t} s JOIN {t}_main m USING (row_no) JOIN {t}_partner g USING (row_no) WHERE m.action = 'created' ORDER BY s.row_no RETURNING id
    ) """ + noted("opportunities.dealpartner")

# An item is told by its name and how manieth of that name it is within its opportunity: a file brought in again finds each of its lines.
_JUDGE_ITEMS: Final = """
    CREATE UNLOGGED TABLE {t}_main AS
    SELECT row_no, deal_id AS target_id, item_id, nullif(reason, '') AS reason,
        CASE WHEN reason IS NULL THEN 'created' WHEN reason = '' THEN 'updated' WHEN reason IN ('exists', 'same', 'closed') THEN 'skipped' ELSE 'refused' END AS action
    FROM (
        SELECT s.row_no, s.deal_id, x.id AS item_id, CASE
            WHEN s.reason IS NOT NULL THEN s.reason
            WHEN x.id IS NULL THEN NULL
            WHEN NOT %(updates)s THEN 'exists'
            WHEN x.price = s.price::numeric AND x.quantity = coalesce(nullif(s.quantity, '')::numeric(14, 3), x.quantity) AND x.unit = coalesce(nullif(s.unit, ''), x.unit)
                AND x.discount = coalesce(nullif(s.discount, '')::numeric, x.discount) THEN 'same'
            WHEN x.status <> 'open' THEN 'closed'
            ELSE '' END AS reason
        FROM (
            SELECT s.*, d.opportunity_id AS deal_id, row_number() OVER (PARTITION BY d.opportunity_id, lower(s.item) ORDER BY s.row_no) AS nth
            FROM {t} s LEFT JOIN {t}_deal d USING (row_no)
        ) s LEFT JOIN (
            SELECT r.*, o.status, row_number() OVER (PARTITION BY r.opportunity_id, lower(r.name) ORDER BY r.id) AS nth
            FROM opportunities_dealitem r JOIN opportunities_opportunity o ON o.id = r.opportunity_id
            WHERE r.opportunity_id IN (SELECT opportunity_id FROM {t}_deal)
        ) x ON x.opportunity_id = s.deal_id AND lower(x.name) = lower(s.item) AND x.nth = s.nth
    ) judged
"""
_INSERT_ITEMS: Final = """
    WITH made AS (
        INSERT INTO opportunities_dealitem (opportunity_id, name, quantity, unit, price, discount)
        SELECT m.target_id, s.item, coalesce(nullif(s.quantity, '')::numeric, 1), s.unit, s.price::numeric, coalesce(nullif(s.discount, '')::numeric, 0)
        FROM {t} s JOIN {t}_main m USING (row_no) WHERE m.action = 'created' ORDER BY s.row_no RETURNING id
    ) """ + noted("opportunities.dealitem")
_UPDATE_ITEMS: Final = """
    WITH done AS (
        UPDATE opportunities_dealitem x SET price = s.price::numeric, quantity = coalesce(nullif(s.quantity, '')::numeric(14, 3), x.quantity),
            unit = coalesce(nullif(s.unit, ''), x.unit), discount = coalesce(nullif(s.discount, '')::numeric, x.discount)
        FROM {t} s JOIN {t}_main m USING (row_no) WHERE m.action = 'updated' AND x.id = m.item_id RETURNING x.id
    ) """ + noted("opportunities.dealitem", "updated", "done")
# The words of a name whatever their order: files write the last name first as often as last.
_WORDS: Final = "(SELECT array_agg(word ORDER BY word) FROM regexp_split_to_table(lower({name}), ' +') AS word)"
# The contact of each row among those of the opportunity's partner, if this person sees the partner; once in each role.
_JUDGE_DEAL_CONTACTS: Final = """
    CREATE UNLOGGED TABLE {t}_main AS
    SELECT row_no, opportunity_id AS target_id, contact_id, reason,
        CASE WHEN reason IS NULL THEN 'created' WHEN reason IN ('exists', 'twice') THEN 'skipped' ELSE 'refused' END AS action
    FROM (
        SELECT s.row_no, d.opportunity_id, c.id AS contact_id, CASE
            WHEN s.reason IS NOT NULL THEN s.reason
            WHEN c.id IS NULL THEN 'no_contact'
            WHEN EXISTS (
                SELECT FROM opportunities_dealcontact x WHERE x.opportunity_id = d.opportunity_id AND x.contact_id = c.id AND x.role = s.role) THEN 'exists'
            WHEN row_number() OVER (PARTITION BY s.reason IS NULL, d.opportunity_id, c.id, s.role ORDER BY s.row_no) > 1 THEN 'twice' END AS reason
        FROM {t} s LEFT JOIN {t}_deal d USING (row_no) LEFT JOIN LATERAL (
            SELECT c.id FROM opportunities_opportunity o JOIN partners_partner p ON p.id = o.partner_id JOIN partners_contact c ON c.partner_id = p.id
            WHERE o.id = d.opportunity_id AND c.deleted_at IS NULL AND (%(everybody)s OR p.owner_id = ANY(%(people)s::bigint[]))
                AND (s.contact_email <> '' AND lower(c.email) = s.contact_email OR s.contact_name <> '' AND {theirs} = {said})
            ORDER BY s.contact_email <> '' AND lower(c.email) = s.contact_email DESC, c.id LIMIT 1
        ) c ON true
    ) judged
"""
_INSERT_DEAL_CONTACTS: Final = """
    WITH made AS (
        INSERT INTO opportunities_dealcontact (opportunity_id, contact_id, role, details)
        SELECT m.target_id, m.contact_id, s.role, s.details
        FROM {t} s JOIN {t}_main m USING (row_no) WHERE m.action = 'created' ORDER BY s.row_no RETURNING id
    ) """ + noted("opportunities.dealcontact")

import_targets.add("opportunities", OpportunityTarget())
import_targets.add("stages", StageTarget())
for target in (
    CompetitorTarget(),
    InterestTarget(),
    ReasonTarget(),
    DealPartnerTarget(),
    ItemTarget(),
    DealContactTarget(),
):
    import_targets.add(target.slug, target)
