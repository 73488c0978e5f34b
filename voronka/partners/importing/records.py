"""Partners, contacts, addresses and bank accounts as kinds of data of their own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar, Final

from django.utils.translation import gettext_lazy as _

from voronka.partners import rules
from voronka.partners.importing.fields import ACCOUNT, ADDRESS, CONTACT, OWNER, PARTNER, prefixed
from voronka.partners.importing.target import (
    ADDRESS_KIND,
    LISTS,
    SAME_ADDRESS,
    Target,
    editable_owners,
    noted,
    reach,
    updates,
)


class PartnerTarget(Target):
    """Partners: found by number in another system, code, tax id, e-mail, phone, or name without legal form."""

    place = 1
    slug = "partners"
    model = "partners.partner"
    title = _("Partners")
    prefix = ""
    required = ("name", "contact_name", "contact_first_name", "contact_last_name", "external_id")
    telling: ClassVar = {"name": 2, "tax_id": 3, "kpp": 2, "contact_name": 1, "phone": 1, "email": 1, "external_id": 1, "source": 1, "city": 1}  # fmt: skip
    fields: ClassVar = {
        **PARTNER, **OWNER,
        **prefixed(
            CONTACT, "contact_", _("Contact"), **{name: field.aliases for name, field in CONTACT.items() if name != "position"},
            position=("должность", "job title", "position"),
        ),
        **ADDRESS, **ACCOUNT,
    }  # fmt: skip

    def put_own_right(self, values: dict[str, str]) -> str:
        """A lead without a company is known by the person's name, else by its number."""
        if not values.get("name"):
            values["name"] = (
                values.get("contact_name") or (values.get("external_id") and f"Lead {values['external_id']}") or ""
            )
        return "" if values["name"] else "no_name"

    def judge(self, run: Any, by: Any, cursor: Any) -> None:
        choice, editable = run.options.get("on_duplicate"), editable_owners(by)
        self.find_links(run, by, cursor)
        self.find_partners(run, cursor, existing=choice != "create")
        changed = f"ROW({', '.join(_FILLED.values())}) IS DISTINCT FROM ROW({', '.join(_FILLED)})"
        judged = _JUDGE_PARTNERS if choice == "update" else _SKIP_PARTNERS
        yours = "true" if editable is None else "p.owner_id = ANY(%(editable)s)"
        cursor.execute(
            self.sql(
                run,
                judged,
                changed=self.sql(run, changed, **self._list_columns()),
                yours=yours,
                same_address=SAME_ADDRESS,
            ),
            {"editable": editable},
        )

    def write(self, run: Any, by: Any, cursor: Any) -> None:
        super().write(run, by, cursor)
        if run.options.get("on_duplicate") == "update":
            sets = ", ".join(f"{column.removeprefix('p.')} = {value}" for column, value in _FILLED.items())
            columns = self._list_columns()
            cursor.execute(
                self.sql(run, _UPDATE_PARTNERS, sets=self.sql(run, sets, **columns), **columns), {"run": run.pk}
            )


class ContactTarget(Target):
    """Contacts: people at partners, found by e-mail, phone or name within their partner."""

    place = 2
    slug = "contacts"
    model = "partners.contact"
    title = _("Contacts")
    contact_prefix = ""
    required = ("name", "first_name", "last_name", "email")
    telling: ClassVar = {"first_name": 3, "last_name": 3, "position": 2, "name": 1, "partner_name": 2, "partner_external_id": 1, "email": 1, "phone": 1}  # fmt: skip
    fields: ClassVar = {
        **CONTACT,
        "phone": replace(CONTACT["phone"], aliases=("телефон", "phone number", "рабочий телефон", "мобильный телефон", "mobile")),
        "email": replace(CONTACT["email"], aliases=("e-mail", "эл. почта", "email address", "рабочий email")),
        "remarks": PARTNER["remarks"],
        **OWNER,
        **prefixed(
            PARTNER, "partner_", _("Partner"), name=("company", "company name", "компания", "account name", "организация", "контрагент", "клиент", "account"),
            tax_id=("инн", "inn"), external_id=("account id", "company id", "id компании", "parentkey"), website=("website", "сайт", "сайт компании"),
            industry=("отрасль", "industry"), source=("источник", "lead source"),
        ),
        **ADDRESS,
    }  # fmt: skip

    def put_own_right(self, values: dict[str, str]) -> str:
        """Somebody without a company is a partner of their own; without a name, known by e-mail or phone."""
        values["name"] = values.get("name") or values.get("email") or values.get("phone") or ""
        if not any(values.get(f"partner_{key}") for key in ("name", "tax_id", "external_id")):
            values["partner_name"] = values["name"]
        return "" if values["name"] else "no_name"

    def judge(self, run: Any, by: Any, cursor: Any) -> None:
        self.find_links(run, by, cursor)
        self.find_partners(run, cursor)
        cursor.execute(self.sql(run, _JUDGE_CONTACTS, update=str(updates(run)).lower()), reach(by))

    def write(self, run: Any, by: Any, cursor: Any) -> None:
        super().write(run, by, cursor)
        if updates(run):
            cursor.execute(self.sql(run, _UPDATE_CONTACTS), {"run": run.pk})


class PartTarget(Target):
    """What hangs on a partner that is named in the row: made anew with it if it is not there. A subclass says when two are the same."""

    # SQL: the values that tell one from another, and whether one is there already.
    told_by: ClassVar[str]
    exists: ClassVar[str]
    OF_PARTNER: ClassVar = prefixed(
        PARTNER, "partner_", _("Partner"), name=("company", "company name", "компания", "account name", "организация", "контрагент", "клиент", "account"),
        tax_id=("инн", "inn", "инн контрагента"), external_id=("parentkey", "cardcode", "account id", "company id", "id компании", "код контрагента"),
        kpp=("кпп",),
    )  # fmt: skip

    def judge(self, run: Any, by: Any, cursor: Any) -> None:
        self.find_partners(run, cursor)
        judged = self.sql(run, _JUDGE_PARTS, told_by=self.told_by, exists=self.exists)
        cursor.execute(judged, reach(by))


class AddressTarget(PartTarget):
    """Addresses of partners, several of a kind."""

    place = 3
    slug = "addresses"
    model = "partners.address"
    title = _("Addresses")
    required = ("city", "street")
    telling: ClassVar = {"address_kind": 4, "street": 2, "city": 2, "postcode": 1, "region": 1, "partner_external_id": 1, "partner_tax_id": 1}  # fmt: skip
    fields: ClassVar = {**ADDRESS, **PartTarget.OF_PARTNER, **OWNER}
    told_by = f"{ADDRESS_KIND}, s.city, s.street"
    exists = f"SELECT FROM partners_address a WHERE {SAME_ADDRESS}"

    def put_own_right(self, values: dict[str, str]) -> str:
        return "" if values.get("city") or values.get("street") else "no_address"


class AccountTarget(PartTarget):
    """Bank accounts of partners; a Russian account must fit the BIC."""

    place = 4
    slug = "accounts"
    model = "partners.bankaccount"
    title = _("Bank accounts")
    required = ("bank_account",)
    telling: ClassVar = {"bank_account": 6, "bank_bic": 4, "bank_name": 2, "bank_correspondent": 3, "partner_external_id": 1, "partner_tax_id": 1}  # fmt: skip
    fields: ClassVar = {**ACCOUNT, **PartTarget.OF_PARTNER, **OWNER}
    told_by = "s.bank_account"
    exists = "SELECT FROM partners_bankaccount a WHERE a.partner_id = g.id AND a.account = s.bank_account AND a.deleted_at IS NULL"

    def put_own_right(self, values: dict[str, str]) -> str:
        account, bic = values.get("bank_account", ""), values.get("bank_bic", "")
        if not account:
            return "no_account"
        if "e+" in account.lower():
            return "rounded"
        is_russian = len(account) == 20 and account.isdigit() and rules.is_bic(bic)
        return "account_key" if is_russian and not rules.account_key_is_right(account, bic) else ""


_SKIP_PARTNERS: Final = """
    CREATE UNLOGGED TABLE {t}_main AS SELECT s.row_no, g.id AS target_id,
        CASE WHEN s.reason IS NOT NULL THEN 'refused' WHEN g.is_new AND g.is_first THEN 'created' ELSE 'skipped' END AS action,
        CASE WHEN s.reason IS NOT NULL THEN s.reason WHEN NOT g.is_new THEN 'exists' WHEN NOT g.is_first THEN 'twice' END AS reason
    FROM {t} s LEFT JOIN {t}_partner g USING (row_no)
"""
_JUDGE_PARTNERS: Final = """
    CREATE UNLOGGED TABLE {t}_main AS
    SELECT row_no, target_id, CASE reason WHEN '' THEN 'updated' WHEN 'new' THEN 'created' WHEN 'twice' THEN 'skipped' WHEN 'same' THEN 'skipped'
                                          ELSE 'refused' END AS action, nullif(nullif(reason, ''), 'new') AS reason
    FROM (
        SELECT s.row_no, g.id AS target_id, CASE
            WHEN s.reason IS NOT NULL THEN s.reason
            WHEN g.is_new THEN CASE WHEN g.is_first THEN 'new' ELSE 'twice' END
            WHEN row_number() OVER (PARTITION BY g.id ORDER BY s.row_no) > 1 THEN 'twice'
            WHEN NOT ({yours}) THEN 'not_yours'
            WHEN {changed} OR (s.owner_name <> '' AND NOT EXISTS (
                SELECT FROM accounts_user u WHERE u.id = p.owner_id AND lower(s.owner_name) IN (lower(u.name), u.email))) THEN ''
            WHEN s.{c}name <> '' AND NOT EXISTS (SELECT FROM partners_contact o WHERE o.partner_id = p.id AND lower(o.name) = lower(s.{c}name)) THEN ''
            WHEN s.city || s.street <> '' AND NOT EXISTS (SELECT FROM partners_address a WHERE {same_address}) THEN ''
            ELSE 'same' END AS reason
        FROM {t} s LEFT JOIN {t}_partner g USING (row_no) LEFT JOIN partners_partner p ON p.id = g.id AND NOT g.is_new
    ) judged
"""
# Column -> what an update makes of it: what the file says, else what stands there.
_FILLED: Final = {
    "p.name": "coalesce(nullif(s.{p}name, ''), p.name)",
    **{
        f"p.{column}": f"coalesce(nullif(s.{{p}}{column}, ''), p.{column})"
        for column in ("full_name", "tax_id", "kpp", "ogrn", "phone", "phone2", "email", "website", "remarks", "external_id")
    },
    "p.custom": "{kept_custom}",
    "p.employees": "coalesce(nullif(s.{p}employees, '')::int, p.employees)",
    "p.annual_revenue": "coalesce(nullif(s.{p}annual_revenue, '')::numeric, p.annual_revenue)",
    **{
        f"p.{column}": f"coalesce((SELECT min(l.id) FROM {LISTS[field]} l WHERE {{{field}}} <> '' AND lower(l.name) = lower({{{field}}})), p.{column})"
        for field, column in (("industry", "industry_id"), ("source", "source_id"), ("territory", "territory_id"), ("group_name", "group_id"))
    },
}  # fmt: skip
_UPDATE_PARTNERS: Final = (
    """
    WITH done AS (
        UPDATE partners_partner p SET {sets}, owner_id = coalesce((SELECT o.id FROM {t}_people o WHERE o.name = lower(s.owner_name)), p.owner_id),
            version = p.version + 1, updated_at = now()
        FROM {t} s JOIN {t}_main m USING (row_no) WHERE m.action = 'updated' AND p.id = m.target_id RETURNING p.id
    ) """
    + noted("partners.partner", "updated", "done")
    + """
"""
)
_YOURS: Final = "(%(everybody)s OR g.is_new OR p.owner_id = ANY(%(people)s::bigint[]))"
_JUDGE_CONTACTS: Final = (
    """
    CREATE UNLOGGED TABLE {t}_main AS
    SELECT row_no, target_id, reason, CASE WHEN reason IS NULL AND target_id IS NULL THEN 'created' WHEN reason IS NULL THEN 'updated'
        WHEN reason IN ('exists', 'same', 'twice') THEN 'skipped' ELSE 'refused' END AS action
    FROM (
        SELECT s.row_no, known.id AS target_id, CASE
            WHEN s.reason IS NOT NULL THEN s.reason
            WHEN again.place > 1 THEN 'twice'
            WHEN known.id IS NOT NULL AND NOT {update} THEN 'exists'
            WHEN NOT """
    + _YOURS
    + """ THEN 'not_yours'
            WHEN known.id IS NOT NULL AND ROW(coalesce(nullif(s.name, ''), known.name), coalesce(nullif(s.position, ''), known.position),
                coalesce(nullif(s.phone, ''), known.phone), coalesce(nullif(s.email, ''), known.email),
                coalesce(nullif(left(s.remarks, 500), ''), known.remarks))
                IS NOT DISTINCT FROM ROW(known.name, known.position, known.phone, known.email, known.remarks) THEN 'same' END AS reason
        FROM {t} s LEFT JOIN {t}_partner g USING (row_no) LEFT JOIN partners_partner p ON p.id = g.id AND NOT g.is_new
        LEFT JOIN LATERAL (
            SELECT x.* FROM partners_contact x WHERE NOT g.is_new AND x.partner_id = g.id AND x.deleted_at IS NULL
            AND (x.email <> '' AND x.email = s.email OR lower(x.name) = lower(s.name)) ORDER BY x.email <> '' AND x.email = s.email DESC, x.id LIMIT 1
        ) known ON true
        LEFT JOIN (
            SELECT s.row_no, row_number() OVER (PARTITION BY g.id, lower(s.name) ORDER BY s.row_no) AS place
            FROM {t} s JOIN {t}_partner g USING (row_no) WHERE s.reason IS NULL
        ) again USING (row_no)
    ) judged
"""
)
_UPDATE_CONTACTS: Final = (
    """
    WITH done AS (
        UPDATE partners_contact x SET name = coalesce(nullif(s.name, ''), x.name), position = coalesce(nullif(s.position, ''), x.position),
            phone = coalesce(nullif(s.phone, ''), x.phone), email = coalesce(nullif(s.email, ''), x.email),
            remarks = coalesce(nullif(left(s.remarks, 500), ''), x.remarks), version = x.version + 1, updated_at = now()
        FROM {t} s JOIN {t}_main m USING (row_no) WHERE m.action = 'updated' AND x.id = m.target_id RETURNING x.id
    ) """
    + noted("partners.contact", "updated", "done")
    + """
"""
)
_JUDGE_PARTS: Final = """
    CREATE UNLOGGED TABLE {t}_main AS
    SELECT row_no, NULL::bigint AS target_id, reason, CASE WHEN reason IS NULL THEN 'created' WHEN reason IN ('exists', 'twice') THEN 'skipped' ELSE 'refused' END AS action
    FROM (
        SELECT s.row_no, CASE
            WHEN s.reason IS NOT NULL THEN s.reason
            WHEN g.id IS NULL THEN 'no_partner'
            WHEN NOT g.is_new AND EXISTS ({exists}) THEN 'exists'
            WHEN row_number() OVER (PARTITION BY s.reason IS NULL, g.id, {told_by} ORDER BY s.row_no) > 1 THEN 'twice'
            WHEN NOT """ + _YOURS + """ THEN 'not_yours' END AS reason
        FROM {t} s LEFT JOIN {t}_partner g USING (row_no) LEFT JOIN partners_partner p ON p.id = g.id AND NOT g.is_new
    ) judged
"""  # fmt: skip
