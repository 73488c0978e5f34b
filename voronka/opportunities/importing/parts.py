"""Other companies, items and contacts of opportunities."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar, Final

from django.utils.translation import gettext_lazy as _

from voronka.core.access import Scope
from voronka.opportunities import rules
from voronka.opportunities.importing.deals import OWNER
from voronka.opportunities.importing.hanging import HangingTarget
from voronka.opportunities.models import DealContact
from voronka.partners.importing import CONTACT, PARTNER, Field, Target, has, noted, prefixed, put_contact_right


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
        cursor.execute(self.sql(run, OF_DEALS), {"everybody": deals == Scope.ALL, "people": by.people_within(deals)})
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
        cursor.execute(self.sql(run, OF_DEALS), {"everybody": scope == Scope.ALL, "people": by.people_within(scope)})


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


# The opportunity of each row: {t}_deal (row_no, opportunity_id).
OF_DEALS: Final = """
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
