"""How files become partners, with a contact, an address and a bank account from the same row."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from voronka.core.access import Scope
from voronka.core.registry import import_targets
from voronka.partners import rules

REASONS: Final = {
    "no_name": _("There is no name."),
    "long_name": _("The name is longer than 200 characters."),
    "long_value": _("A value is longer than its field takes."),
    "twice": _("The same partner stands in this file above."),
    "exists": _("This partner exists already."),
    "not_yours": _("This partner belongs to somebody whose records you may not change."),
    "number": _("An amount can't be read."),
    "negative": _("An amount is negative."),
    "date": _("A date can't be read."),
    "date_range": _("A date lies before 1950 or after 2090."),
    "percent": _("A percentage lies between 0 and 100."),
    "no_partner": _("There is no partner in this row."),
    "dates_order": _("It was closed before it was opened."),
}
KINDS: Final = {
    "лид": "lead", "lead": "lead", "потенциальный": "lead", "клиент": "customer", "покупатель": "customer", "заказчик": "customer", "customer": "customer",
    "client": "customer", "поставщик": "vendor", "vendor": "vendor", "supplier": "vendor",
}  # fmt: skip
# How long a text each staged field takes.
LONGEST: Final = {
    "source": 100, "industry": 100, "territory": 100, "group_name": 100, "contact_position": 150, "street": 300, "phone": 32, "email": 254, "website": 200, "tax_id": 32, "external_id": 100, "city": 100, "contact_name": 150, "owner_name": 150,
}  # fmt: skip


class PartnerTarget:
    """Partners: found by number in another system, tax id, e-mail, phone, or name without legal form."""

    slug = "partners"
    title = _("Partners")
    name_field = "name"
    required = ("name", "contact_name", "external_id")
    labels: Final = {
        "name": _("Name"), "kind": _("Kind"), "tax_id": _("Tax ID"), "kpp": _("KPP"), "ogrn": _("OGRN"), "phone": _("Phone"), "email": _("E-mail"),
        "website": _("Website"), "industry": _("Industry"), "source": _("Source"), "territory": _("Territory"), "group_name": _("Group"),
        "owner_name": _("Owner"), "contact_name": _("Contact"), "contact_position": _("Contact's job title"), "country": _("Country"),
        "city": _("City"), "street": _("Address"), "remarks": _("Remarks"), "external_id": _("Number in another system"),
        "employees": _("Employees"), "annual_revenue": _("Annual revenue"),
    }  # fmt: skip
    aliases: Final[dict[str, tuple[str, ...]]] = {
        "name": (
            "account",
            "company",
            "company name",
            "organization",
            "наименование",
            "название",
            "название компании",
            "компания",
            "контрагент",
            "организация",
            "клиент",
        ),
        "kind": ("type", "тип", "вид", "тип контрагента"),
        "tax_id": ("инн", "tax id", "vat", "inn", "инн контрагента"),
        "kpp": ("кпп",),
        "ogrn": ("огрн", "огрнип"),
        "phone": ("телефон", "рабочий телефон", "phone number", "mobile", "тел", "мобильный телефон"),
        "email": ("e-mail", "эл. почта", "электронная почта", "почта", "email address", "рабочий email"),
        "website": ("сайт", "web", "site", "url", "веб-сайт"),
        "industry": ("sector", "отрасль", "сфера деятельности"),
        "source": ("источник", "lead source", "information source", "источник информации"),
        "territory": ("территория", "регион продаж", "office location"),
        "group_name": ("группа", "group"),
        "owner_name": ("owner", "sales agent", "ответственный", "менеджер", "account owner"),
        "contact_name": ("контактное лицо", "contact", "contact person", "контакт", "фио"),
        "contact_position": ("должность", "job title", "position"),
        "country": ("страна",),
        "city": ("город", "town", "нас. пункт"),
        "street": ("адрес", "address", "улица"),
        "remarks": ("примечание", "комментарий", "note", "notes", "remarks", "comment"),
        "external_id": ("lead number", "id", "код", "number", "номер"),
        "employees": ("сотрудников", "численность", "number of employees"),
        "annual_revenue": ("revenue", "выручка", "годовая выручка"),
    }
    staged = (*labels,)
    types: Final = {"employees": "whole", "annual_revenue": "amount"}

    def score(self, fields: Any) -> int:
        """How much the recognised fields speak for partners."""
        telling = {
            "name": 2,
            "tax_id": 3,
            "kpp": 2,
            "contact_name": 1,
            "phone": 1,
            "email": 1,
            "external_id": 1,
            "source": 1,
            "city": 1,
        }
        return sum(telling.get(field, 0) for field in fields)

    def words(self, reason: str) -> Any:
        return REASONS.get(reason, reason)

    def put_right(self, values: dict[str, str]) -> str:
        """Put one row's values right in place; the reason why it can't be taken, or ""."""
        name = values.get("name") or values.get("contact_name") or ""
        if not name and values.get("external_id"):
            name = f"Lead {values['external_id']}"
        values["name"] = name = " ".join(name.split())
        if not name:
            return "no_name"
        values["kind"] = KINDS.get(values.get("kind", "").lower(), "lead")
        put_keys_right(values)
        return too_long(values)

    def judge(self, run: Any, by: Any, cursor: Any) -> None:
        """Say of every staged row what becomes of it."""
        table, editable = run.staging, _editable_owners(by)
        find_people(table, cursor, by)
        for match in _MATCHES:
            cursor.execute(match.format(t=table))
        cursor.execute(_TWICE.format(t=table))
        update = run.options.get("on_duplicate") == "update"
        if run.options.get("on_duplicate") == "create":
            cursor.execute(f"UPDATE {table} SET target_id = NULL")
        cursor.execute(
            f"UPDATE {table} SET action = CASE WHEN reason = 'twice' THEN 'skipped' WHEN reason IS NOT NULL THEN 'refused' "
            f"WHEN target_id IS NULL THEN 'created' ELSE %s END WHERE action IS NULL",
            ["updated" if update else "skipped"],
        )
        if update and editable is not None:
            cursor.execute(
                f"UPDATE {table} s SET action = 'refused', reason = 'not_yours' FROM partners_partner p "
                f"WHERE p.id = s.target_id AND s.action = 'updated' AND NOT p.owner_id = ANY(%s)",
                [editable],
            )

    def missing(self, run: Any, cursor: Any) -> dict[str, list[str]]:
        """Values of lists that would be created."""
        return {
            field: values
            for field, (table, _label) in _LISTS.items()
            if (values := unknown_values(run.staging, field, table, cursor))
        }

    def write(self, run: Any, by: Any, cursor: Any) -> None:
        """Create and update partners with what hangs on them, and note what was done."""
        table = run.staging
        if run.options.get("create_missing"):
            create_people(table, cursor)
            for field, (list_table, _label) in _LISTS.items():
                cursor.execute(NEW_VALUES.format(t=table, f=field, l=list_table))
        for statement in _WRITE:
            cursor.execute(statement.format(t=table), {"by": by.pk, "run": run.pk})


def too_long(values: dict[str, str]) -> str:
    """The reason when a value is longer than its field takes."""
    if len(values.get("name", "")) > 200:
        return "long_name"
    for field in ("source", "industry", "territory", "group_name"):
        if values.get(field, "").lower() == "select":
            values[field] = ""
    return "long_value" if any(len(values.get(field, "")) > most for field, most in LONGEST.items()) else ""


def put_keys_right(values: dict[str, str]) -> None:
    """Phones to E.164, e-mail small, tax id bare; what can't be a key is kept in the remarks rather than lost."""
    if typed := values.get("phone", ""):
        first = typed.split(",")[0].split(";")[0]
        values["phone"] = rules.phone_e164(first)
        if not values["phone"] or first != typed:
            _remark(values, f"{_('Phone')}: {typed}")
    if typed := values.get("email", ""):
        first = typed.replace(";", ",").split(",")[0].strip().lower()
        values["email"] = first if "@" in first and " " not in first else ""
        if values["email"] != typed.lower():
            _remark(values, f"{_('E-mail')}: {typed}")
    values["tax_id"] = values.get("tax_id", "").replace(" ", "")
    values["kpp"] = values.get("kpp", "").replace(" ", "")
    if len(values["kpp"]) > 9:
        _remark(values, f"{_('KPP')}: {values['kpp']}")
        values["kpp"] = ""
    if len(values.get("ogrn", "")) > 15:
        _remark(values, f"{_('OGRN')}: {values['ogrn']}")
        values["ogrn"] = ""


def _remark(values: dict[str, str], text: str) -> None:
    values["remarks"] = "\n".join(filter(None, [values.get("remarks", ""), text]))


def _editable_owners(by: Any) -> list[int] | None:
    """Ids of owners whose partners this person may change; None for everybody's."""
    scope = by.scope_for("partners.partner", "edit")
    if scope == Scope.ALL:
        return None
    return by.team_member_ids if scope == Scope.TEAM else [by.pk] if scope == Scope.OWN else []


def find_people(table: str, cursor: Any, by: Any) -> None:
    """The owner of each row: a colleague by name or e-mail, else whoever imports."""
    cursor.execute(
        f"UPDATE {table} s SET owner_id = u.id FROM accounts_user u "
        f"WHERE s.owner_name <> '' AND (lower(u.name) = lower(s.owner_name) OR u.email = lower(s.owner_name))"
    )
    cursor.execute(f"UPDATE {table} SET owner_id = %s WHERE owner_name = ''", [by.pk])


def create_people(table: str, cursor: Any) -> None:
    """People named as owners and not known: accounts nobody can sign in to, so that history keeps their names."""
    cursor.execute(_NEW_PEOPLE.format(t=table))
    cursor.execute(
        f"UPDATE {table} s SET owner_id = u.id FROM accounts_user u WHERE s.owner_id IS NULL AND lower(u.name) = lower(s.owner_name)"
    )


def unknown_values(table: str, field: str, list_table: str, cursor: Any) -> list[str]:
    """Values of a list named in rows to be written and not known yet; at most 200."""
    cursor.execute(
        f"SELECT min({field}) FROM {table} s WHERE {field} <> '' AND action IN ('created', 'updated') "
        f"AND NOT EXISTS (SELECT FROM {list_table} l WHERE lower(l.name) = lower(s.{field})) GROUP BY lower({field}) ORDER BY 1 LIMIT 200"
    )
    return [row[0] for row in cursor.fetchall()]


# Staged field -> (table of the list, its words).
_LISTS: Final = {
    "industry": ("partners_industry", _("Industry")),
    "source": ("partners_source", _("Source")),
    "territory": ("partners_territory", _("Territory")),
    "group_name": ("partners_partnergroup", _("Group")),
}
NEW_VALUES: Final = """
    INSERT INTO {l} (name, position, is_active)
    SELECT min({f}), 100, true FROM {t} s WHERE {f} <> '' AND action IN ('created', 'updated')
    AND NOT EXISTS (SELECT FROM {l} l WHERE lower(l.name) = lower(s.{f})) GROUP BY lower({f})
"""
_NEW_PEOPLE: Final = """
    INSERT INTO accounts_user (email, name, password, role_id, is_active, joined_at, language, time_zone, theme, job_title, phone)
    SELECT 'imported-' || md5(lower(owner_name)) || '@invalid.example', min(owner_name), '!', (SELECT id FROM accounts_role WHERE slug = 'salesperson'),
           false, now(), '', '', 'auto', '', ''
    FROM {t} s WHERE owner_id IS NULL AND action IN ('created', 'updated') GROUP BY lower(owner_name)
    ON CONFLICT (email) DO NOTHING
"""
# A partner is found by the strongest key it shares; a name only where tax ids do not contradict.
_MATCHES: Final = (
    "UPDATE {t} s SET target_id = p.id FROM partners_partner p WHERE s.reason IS NULL AND s.external_id <> '' "
    "AND p.external_id = s.external_id AND p.deleted_at IS NULL",
    "UPDATE {t} s SET target_id = p.id FROM partners_partner p WHERE s.reason IS NULL AND s.target_id IS NULL AND s.tax_id <> '' "
    "AND p.tax_id = s.tax_id AND p.deleted_at IS NULL AND (s.kpp = '' OR p.kpp = '' OR p.kpp = s.kpp)",
    "UPDATE {t} s SET target_id = p.id FROM partners_partner p WHERE s.reason IS NULL AND s.target_id IS NULL AND s.email <> '' "
    "AND p.email = s.email AND p.deleted_at IS NULL AND (s.tax_id = '' OR p.tax_id = '' OR p.tax_id = s.tax_id)",
    "UPDATE {t} s SET target_id = p.id FROM partners_partner p WHERE s.reason IS NULL AND s.target_id IS NULL AND s.phone <> '' "
    "AND p.phone = s.phone AND p.deleted_at IS NULL AND p.name_key = s.name_key AND (s.tax_id = '' OR p.tax_id = '' OR p.tax_id = s.tax_id)",
    "UPDATE {t} s SET target_id = p.id FROM partners_partner p WHERE s.reason IS NULL AND s.target_id IS NULL AND s.name_key <> '' "
    "AND s.external_id = '' AND p.name_key = s.name_key AND p.deleted_at IS NULL AND (s.tax_id = '' OR p.tax_id = '' OR p.tax_id = s.tax_id) "
    "AND (s.email = '' OR p.email = '' OR p.email = s.email)",
)
# The same key twice in one file: the first row counts.
_TWICE: Final = """
    UPDATE {t} s SET reason = 'twice' FROM (
        SELECT row_no, row_number() OVER (PARTITION BY coalesce(nullif(external_id, ''), nullif(tax_id || '/' || kpp, '/'), name_key || '/' || email)
                                          ORDER BY row_no) AS place
        FROM {t} WHERE reason IS NULL
    ) seen WHERE seen.row_no = s.row_no AND seen.place > 1
"""
_WRITE: Final = (
    "UPDATE {t} SET owner_id = %(by)s, remarks = concat_ws(E'\n', nullif(remarks, ''), owner_name) WHERE owner_id IS NULL",
    "UPDATE {t} SET target_id = nextval(pg_get_serial_sequence('partners_partner', 'id')) WHERE action = 'created'",
    "CREATE INDEX ON {t} (target_id)",
    """
    INSERT INTO partners_partner (id, created_at, updated_at, created_by_id, version, owner_id, name, kind, legal_status, is_channel, country, full_name,
        tax_id, kpp, ogrn, phone, phone2, email, website, remarks, external_id, employees, annual_revenue, industry_id, source_id, territory_id, group_id,
        became_customer_at)
    SELECT target_id, now(), now(), %(by)s, 1, s.owner_id, s.name, s.kind, CASE WHEN length(s.tax_id) = 12 THEN 'sole' ELSE 'company' END, false, 'RU', '',
        s.tax_id, s.kpp, s.ogrn, s.phone, '', s.email, s.website, s.remarks, s.external_id, nullif(s.employees, '')::int,
        nullif(s.annual_revenue, '')::numeric, i.id, c.id, r.id, g.id, CASE WHEN s.kind = 'customer' THEN now() END
    FROM {t} s
    LEFT JOIN partners_industry i ON s.industry <> '' AND lower(i.name) = lower(s.industry)
    LEFT JOIN partners_source c ON s.source <> '' AND lower(c.name) = lower(s.source)
    LEFT JOIN partners_territory r ON s.territory <> '' AND lower(r.name) = lower(s.territory)
    LEFT JOIN partners_partnergroup g ON s.group_name <> '' AND lower(g.name) = lower(s.group_name)
    WHERE s.action = 'created' ORDER BY s.row_no
    """,
    """
    UPDATE partners_partner p SET
        name = s.name, tax_id = coalesce(nullif(s.tax_id, ''), p.tax_id), kpp = coalesce(nullif(s.kpp, ''), p.kpp),
        ogrn = coalesce(nullif(s.ogrn, ''), p.ogrn), phone = coalesce(nullif(s.phone, ''), p.phone),
        email = coalesce(nullif(s.email, ''), p.email), website = coalesce(nullif(s.website, ''), p.website),
        remarks = coalesce(nullif(s.remarks, ''), p.remarks), external_id = coalesce(nullif(s.external_id, ''), p.external_id),
        employees = coalesce(nullif(s.employees, '')::int, p.employees),
        annual_revenue = coalesce(nullif(s.annual_revenue, '')::numeric, p.annual_revenue),
        owner_id = CASE WHEN s.owner_name <> '' THEN s.owner_id ELSE p.owner_id END,
        industry_id = coalesce((SELECT id FROM partners_industry l WHERE s.industry <> '' AND lower(l.name) = lower(s.industry) LIMIT 1), p.industry_id),
        source_id = coalesce((SELECT id FROM partners_source l WHERE s.source <> '' AND lower(l.name) = lower(s.source) LIMIT 1), p.source_id),
        territory_id = coalesce((SELECT id FROM partners_territory l WHERE s.territory <> '' AND lower(l.name) = lower(s.territory) LIMIT 1), p.territory_id),
        version = p.version + 1, updated_at = now()
    FROM {t} s WHERE s.action = 'updated' AND p.id = s.target_id
    """,
    """
    INSERT INTO partners_contact (created_at, updated_at, created_by_id, version, partner_id, name, position, phone, email, remarks, is_default)
    SELECT now(), now(), %(by)s, 1, s.target_id, s.contact_name, s.contact_position, '', '', '', s.action = 'created'
    FROM {t} s WHERE s.contact_name <> '' AND s.action IN ('created', 'updated')
    AND (s.action = 'created' OR NOT EXISTS (SELECT FROM partners_contact c WHERE c.partner_id = s.target_id AND lower(c.name) = lower(s.contact_name)))
    """,
    """
    INSERT INTO partners_address (created_at, updated_at, created_by_id, version, partner_id, kind, country, postcode, region, city, street, is_default)
    SELECT now(), now(), %(by)s, 1, s.target_id, 'actual', 'RU', '', '', s.city, s.street, s.action = 'created'
    FROM {t} s WHERE (s.city <> '' OR s.street <> '') AND s.action IN ('created', 'updated')
    AND (s.action = 'created' OR NOT EXISTS (SELECT FROM partners_address a WHERE a.partner_id = s.target_id AND a.city = s.city AND a.street = s.street))
    """,
    """
    INSERT INTO imports_importedrow (run_id, model, object_id, action)
    SELECT %(run)s, 'partners.partner', target_id, action FROM {t} WHERE action IN ('created', 'updated')
    """,
)

import_targets.add("partners", PartnerTarget())
