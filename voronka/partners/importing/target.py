"""A kind of data, and the tables its rows go through."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.apps import apps

from voronka.core import custom
from voronka.core.access import Scope
from voronka.partners.importing.fields import ADDRESS_KINDS, CONTACT, KINDS, MOST, REASONS, Field
from voronka.partners.importing.values import put_account_right, put_contact_right, put_keys_right
from voronka.partners.models import NameKey

ADDRESS_KIND: Final = "coalesce(nullif(s.address_kind, ''), 'actual')"
# The same place for the same purpose; a file that says no purpose means any.
SAME_ADDRESS: Final = "a.partner_id = g.id AND a.city = s.city AND a.street = s.street AND (s.address_kind = '' OR a.kind = s.address_kind) AND a.deleted_at IS NULL"


class Target:
    """A kind of data. A subclass names its fields and says how its own record is judged and written."""

    slug: ClassVar[str]
    # The model whose records the counts are about.
    model: ClassVar[str]
    title: ClassVar[Any]
    # Of files that belong together those with a smaller place come in first.
    place: ClassVar[int]
    fields: ClassVar[dict[str, Field]]
    required: ClassVar[tuple[str, ...]]
    # How much a recognised field speaks for this kind of data.
    telling: ClassVar[dict[str, int]]
    prefix: ClassVar[str] = "partner_"
    contact_prefix: ClassVar[str] = "contact_"
    # Fields several columns fill, each named by its header: the pattern's group "what" says by which part.
    patterns: ClassVar[dict[str, Any]] = {}
    # Staged value -> label, of fields that offer a choice: how the check and the result tell them.
    choices: ClassVar[dict[str, dict[str, Any]]] = {}
    # What the statements of `judge` and `write` weigh together: parts of the time they take, for the progress.
    judging: ClassVar[float] = 1
    writing: ClassVar[float] = 100
    # Mapped like the others, but put together into a name before they are staged.
    GATHERED: ClassVar[tuple[str, ...]] = ("last_name", "first_name", "middle_name")

    def __init__(self, own: tuple[custom.Definition, ...] = ()) -> None:
        self.own = {one.input: one for one in own}
        known = self.fields | {one.input: _own_field(one) for one in own}
        self.labels = {name: field.label for name, field in known.items()}
        self.aliases = {name: field.aliases for name, field in known.items()}
        self.types = {name: field.kind for name, field in known.items() if field.kind != "text"}
        self.longest = {name: field.longest for name, field in known.items() if field.longest}
        gathered = {f"{self.contact_prefix}{name}" for name in self.GATHERED}
        self.staged = tuple(name for name in known if name not in gathered)
        self.name_field = f"{self.prefix}name"

    def with_own(self) -> Target:
        """The target with the fields the company added to its records, as they are now."""
        return type(self)(custom.now(apps.get_model(self.model)))

    def score(self, fields: Any) -> int:
        return sum(self.telling.get(field, 0) for field in fields)

    def words(self, reason: str) -> Any:
        return REASONS.get(reason, reason)

    def put_right(self, values: dict[str, str]) -> str:
        """Put one row's values right in place; the reason why it can't be taken, or ""."""
        p, c = self.prefix, self.contact_prefix
        self.put_name_together(values)
        for name in (f"{p}name", f"{c}name"):
            if name in values:
                values[name] = " ".join(values[name].split())
        values[f"{p}kind"] = KINDS.get(values.get(f"{p}kind", "").lower(), "lead")
        if kind := values.get("address_kind", ""):
            values["address_kind"] = ADDRESS_KINDS.get(kind.lower(), "actual")
        put_keys_right(values, p)
        put_contact_right(values, c)
        put_account_right(values)
        return self.put_own_right(values) or self._put_custom_right(values) or self._too_long(values)

    def put_name_together(self, values: dict[str, str]) -> None:
        """The parts of a contact's name become the name where none is said as a whole."""
        name = f"{self.contact_prefix}name"
        parts = [values.pop(f"{self.contact_prefix}{part}", "") for part in self.GATHERED]
        if any(parts) and not values.get(name):
            values[name] = " ".join(filter(None, parts))

    def put_own_right(self, values: dict[str, str]) -> str:
        raise NotImplementedError

    def _put_custom_right(self, values: dict[str, str]) -> str:
        """A choice is written as its field offers it."""
        for name, one in self.own.items():
            if one.kind == "choice" and (typed := values.get(name, "")):
                values[name] = next((word for word in one.choices if word.lower() == typed.lower()), "")
                if not values[name]:
                    return "choice"
        return ""

    def custom_json(self, row: str = "s", kept: str = "") -> str:
        """SQL: the row's values of the company's own fields, over those that are `kept`; "no" takes a yes away."""
        if not self.own:
            return kept or "'{}'::jsonb"
        pairs = ", ".join(
            f"'{one.key}', to_jsonb({_OWN_SQL[one.kind].format(f=f'{row}.{name}')})" for name, one in self.own.items()
        )
        said = f"jsonb_strip_nulls(jsonb_build_object({pairs}))"
        refused = [
            f"CASE WHEN {row}.{name} = 'false' THEN '{one.key}' END"
            for name, one in self.own.items()
            if one.kind == "yes_no"
        ]
        if not kept or not refused:
            return f"({kept} || {said})" if kept else said
        return f"(({kept} || {said}) - array_remove(ARRAY[{', '.join(refused)}]::text[], NULL))"

    def find_links(self, run: Any, by: Any, cursor: Any) -> None:
        """Links of custom fields, written as code, tax id or name, become ids of partners this person may see."""
        scope = by.scope_for("partners.partner", "see")
        seen = "true" if scope == Scope.ALL else "owner_id = ANY(%(people)s)"
        for name, one in self.own.items():
            if one.is_link:
                key = NameKey.template.replace("%(expressions)s", "v.word").replace("%", "%%")
                cursor.execute(self.sql(run, _LINKS, f=name, key=key, seen=seen), {"people": by.people_within(scope)})

    def _too_long(self, values: dict[str, str]) -> str:
        for field in LISTS:
            if values.get(field, "").lower() == "select":
                values[field] = ""
        for name, text in values.items():
            if len(text) > self.longest.get(name, MOST):
                return "long_name" if name == self.name_field else "long_value"
        return ""

    def sql(self, run: Any, statement: str, **more: str) -> str:
        return statement.format(t=run.staging, p=self.prefix, c=self.contact_prefix, **more)

    def judge(self, run: Any, by: Any, cursor: Any) -> None:
        """Say of every staged row what becomes of it: fills {t}_main."""
        raise NotImplementedError

    def missing(self, run: Any, cursor: Any) -> dict[str, list[str]]:
        """Values of lists that would be created, by field."""
        found = {
            field: values
            for field, (table, staged) in self.lists(run).items()
            if (values := unknown_values(run.staging, staged, table, cursor))
        }
        if not has(run, "owner_name"):
            return found
        cursor.execute(self.sql(run, _UNKNOWN_PEOPLE))
        people = [row[0] for row in cursor.fetchall()]
        return found | ({"owner_name": people} if people else {})

    def lists(self, run: Any) -> dict[str, tuple[str, str]]:
        """Field -> (table of the list, staged column) for the fields this kind has and the file fills."""
        wanted = {
            field: (table, field if field in self.fields else f"{self.prefix}{field}") for field, table in LISTS.items()
        }
        return {staged: (table, staged) for table, staged in wanted.values() if has(run, staged)}

    def write(self, run: Any, by: Any, cursor: Any) -> None:
        """Create and update what the rows say, and note every record made."""
        values = {"by": by.pk, "run": run.pk}
        if run.options.get("create_missing"):
            if has(run, "owner_name"):
                cursor.execute(self.sql(run, _NEW_PEOPLE), values)
            for table, staged in self.lists(run).values():
                cursor.execute(self.sql(run, NEW_VALUES, f=staged, l=table, m=model_of(table)), values)
        cursor.execute(self.sql(run, _PEOPLE if has(run, "owner_name") else _NOBODY))
        columns = self._list_columns()
        cursor.in_slices(self.sql(run, _INSERT_PARTNERS, **columns), values, run.total or 0, 55)
        cursor.execute(self.sql(run, _PLAN, part="contact"))
        if has(run, *(f"{self.contact_prefix}{name}" for name in CONTACT)):
            for statement in _CONTACTS:
                cursor.execute(self.sql(run, statement, **columns), values, 3)
        if has(run, "city", "street"):
            cursor.execute(self.sql(run, _INSERT_ADDRESSES), values, 8)
        if has(run, "bank_account"):
            cursor.execute(self.sql(run, _INSERT_ACCOUNTS), values, 3)

    def _list_columns(self) -> dict[str, str]:
        """Which staged column names the value of each list, and the remarks on a contact."""
        columns = {field: f"s.{field}" if field in self.fields else f"s.{self.prefix}{field}" for field in LISTS}
        nothing = "'{}'::jsonb"
        columns |= {
            "partner_custom": self.custom_json() if self.model == "partners.partner" else nothing,
            "contact_custom": self.custom_json() if self.model == "partners.contact" else nothing,
            "kept_custom": self.custom_json(kept="p.custom"),
        }
        return columns | {"contact_remarks": "left(s.remarks, 500)" if not self.contact_prefix else "''"}

    def find_partners(self, run: Any, cursor: Any, *, existing: bool = True) -> None:
        """Fill {t}_partner: the partner of each row, found by the strongest key it shares, or one to be made for all rows that share a key."""
        cursor.execute(self.sql(run, _PLAN, part="partner"))
        for match in _MATCHES if existing else ():
            cursor.execute(self.sql(run, _FOUND.format(part="partner", match=match, **KEEP_BRACES)))
        cursor.execute(self.sql(run, _NEW_PARTNERS))
        cursor.execute(self.sql(run, "ANALYZE {t}_partner"))


# What a template filled in twice must keep for the second time.
KEEP_BRACES: Final = {"t": "{t}", "p": "{p}", "c": "{c}"}


def _own_field(one: custom.Definition) -> Field:
    """A field the company added, as a column can be mapped to it: by its name or its key."""
    kinds = {"number": "decimal", "date": "date", "yes_no": "bool"}
    return Field(one.name, (one.name, one.key), kinds.get(one.kind, "text"), 1000)


def editable_owners(by: Any) -> list[int] | None:
    """Ids of owners whose partners this person may change; None for everybody's."""
    scope = by.scope_for("partners.partner", "edit")
    return None if scope == Scope.ALL else by.people_within(scope)


def reach(by: Any) -> dict[str, Any]:
    """Whose partners this person may change, for statements: everybody's, or those of these people."""
    owners = editable_owners(by)
    return {"everybody": owners is None, "people": owners or []}


def has(run: Any, *fields: str) -> bool:
    """Whether a column of the file fills one of the fields: what none does need not be looked for."""
    return not set(fields).isdisjoint(run.mapping.values())


def updates(run: Any) -> bool:
    return bool(run.options.get("on_duplicate") == "update")


def unknown_values(table: str, field: str, list_table: str, cursor: Any) -> list[str]:
    """Values of a list named in rows to be written and not known yet; at most 200."""
    cursor.execute(
        f"SELECT min({field}) FROM {table} s JOIN {table}_main m USING (row_no) WHERE {field} <> '' AND m.action IN ('created', 'updated') "
        f"AND NOT EXISTS (SELECT FROM {list_table} l WHERE lower(l.name) = lower(s.{field})) GROUP BY lower({field}) ORDER BY 1 LIMIT 200"
    )
    return [row[0] for row in cursor.fetchall()]


def noted(model: str, action: str = "created", rows: str = "made") -> str:
    """The end of a statement whose CTE `rows` gave the ids it wrote: notes them for the run, as ranges."""
    return f"""INSERT INTO imports_importedrecords (run_id, model, action, ids)
        SELECT %(run)s, '{model}', '{action}', array_agg(r) FROM (SELECT unnest(range_agg(int8range(id, id + 1))) AS r FROM {rows}) ranges
        HAVING count(*) > 0"""


def model_of(table: str) -> str:
    """The model of a table, as the notes of a run name it."""
    return table.replace("_", ".", 1)


# Field -> table of the list its values come from.
LISTS: Final = {
    "industry": "partners_industry", "source": "partners_source", "territory": "partners_territory", "group_name": "partners_partnergroup",
}  # fmt: skip
NEW_VALUES: Final = (
    """
    WITH made AS (
        INSERT INTO {l} (name, position, is_active)
        SELECT min({f}), 100, true FROM {t} s JOIN {t}_main m USING (row_no) WHERE {f} <> '' AND m.action IN ('created', 'updated')
        AND NOT EXISTS (SELECT FROM {l} l WHERE lower(l.name) = lower(s.{f})) GROUP BY lower({f}) RETURNING id
    ) """
    + noted("{m}")
    + """
"""
)
# People named as owners and not known become accounts nobody can sign in to, so that history keeps their names.
_NEW_PEOPLE: Final = (
    """
    WITH made AS (
        INSERT INTO accounts_user (email, name, password, role_id, is_active, joined_at, language, time_zone, theme, job_title, phone)
        SELECT 'imported-' || md5(lower(owner_name)) || '@invalid.example', min(owner_name), '!', (SELECT id FROM accounts_role WHERE slug = 'salesperson'),
               false, now(), '', '', 'auto', '', ''
        FROM {t} s JOIN {t}_main m USING (row_no) WHERE owner_name <> '' AND m.action IN ('created', 'updated')
        AND NOT EXISTS (SELECT FROM accounts_user u WHERE lower(u.name) = lower(s.owner_name) OR u.email = lower(s.owner_name))
        GROUP BY lower(owner_name) ON CONFLICT (email) DO NOTHING RETURNING id
    ) """
    + noted("accounts.user")
    + """
"""
)
_UNKNOWN_PEOPLE: Final = """
    SELECT min(owner_name) FROM {t} s JOIN {t}_main m USING (row_no) WHERE owner_name <> '' AND m.action IN ('created', 'updated')
    AND NOT EXISTS (SELECT FROM accounts_user u WHERE lower(u.name) = lower(s.owner_name) OR u.email = lower(s.owner_name))
    GROUP BY lower(owner_name) ORDER BY 1 LIMIT 200
"""
# The owner of a row: a colleague by name or e-mail; whoever imports where nobody is named or known.
_PEOPLE: Final = """
    CREATE UNLOGGED TABLE {t}_people AS
    SELECT named.name, min(u.id) AS id FROM (SELECT DISTINCT lower(owner_name) AS name FROM {t} WHERE owner_name <> '') named
    JOIN accounts_user u ON lower(u.name) = named.name OR u.email = named.name GROUP BY named.name
"""
# How the staged text of each kind of custom field becomes its value; what is empty becomes NULL, which is left out.
_OWN_SQL: Final = {
    "text": "nullif({f}, '')", "choice": "nullif({f}, '')", "date": "nullif({f}, '')", "number": "nullif({f}, '')::numeric",
    "yes_no": "nullif(nullif({f}, ''), 'false')::boolean", "partner": "nullif({f}, '')::bigint",
}  # fmt: skip
_LINKS: Final = """
    UPDATE {t} s SET {f} = coalesce(found.id::text, {f}), reason = coalesce(s.reason, CASE WHEN found.id IS NULL THEN 'link' END)
    FROM (
        SELECT v.word, coalesce(
            (SELECT coalesce(merged_into_id, id) FROM partners_partner
                WHERE code = v.word AND (deleted_at IS NULL OR merged_into_id IS NOT NULL) AND {seen}),
            (SELECT min(id) FROM partners_partner WHERE tax_id = v.word AND tax_id <> '' AND deleted_at IS NULL AND {seen}),
            (SELECT min(id) FROM partners_partner WHERE name_key = {key} AND name_key <> '' AND deleted_at IS NULL AND {seen})
        ) AS id FROM (SELECT DISTINCT {f} AS word FROM {t} WHERE {f} <> '') v
    ) found WHERE s.{f} = found.word
"""
_NOBODY: Final = "CREATE UNLOGGED TABLE {t}_people (name text, id bigint)"
_PLAN: Final = "CREATE UNLOGGED TABLE {t}_{part} (row_no int PRIMARY KEY, id bigint NOT NULL, is_new boolean NOT NULL, is_first boolean NOT NULL)"
_FOUND: Final = """
    INSERT INTO {t}_{part} SELECT DISTINCT ON (s.row_no) s.row_no, x.id, false, false FROM {t} s {match}
    AND s.reason IS NULL AND s.target_id IS NULL AND x.deleted_at IS NULL AND NOT EXISTS (SELECT FROM {t}_{part} g WHERE g.row_no = s.row_no)
    ORDER BY s.row_no, x.id
"""
_NO_OTHER_TAX_ID: Final = "(s.{p}tax_id = '' OR x.tax_id = '' OR x.tax_id = s.{p}tax_id)"
# A partner is found by the strongest key it shares; a name only where tax ids and e-mails do not contradict.
_MATCHES: Final = (
    "JOIN partners_partner x ON x.external_id = s.{p}external_id AND x.external_id <> '' WHERE true",
    "JOIN partners_partner x ON x.code = s.{p}external_id WHERE s.{p}external_id <> ''",
    "JOIN partners_partner x ON x.tax_id = s.{p}tax_id AND x.tax_id <> '' WHERE (s.{p}kpp = '' OR x.kpp = '' OR x.kpp = s.{p}kpp)",
    "JOIN partners_partner x ON x.email = s.{p}email AND x.email <> '' WHERE " + _NO_OTHER_TAX_ID,
    "JOIN partners_partner x ON x.phone = s.{p}phone AND x.phone <> '' WHERE x.name_key = s.name_key AND " + _NO_OTHER_TAX_ID,
    "JOIN partners_partner x ON x.name_key = s.name_key WHERE s.name_key <> '' AND s.{p}external_id = '' AND x.kind <> 'vendor' AND "
    + _NO_OTHER_TAX_ID + " AND (s.{p}email = '' OR x.email = '' OR x.email = s.{p}email)",
)  # fmt: skip
_NEW_PARTNERS: Final = """
    WITH keyed AS (
        SELECT row_no, min(row_no) OVER (PARTITION BY key) AS leader FROM (
            SELECT s.row_no, coalesce(nullif(s.{p}external_id, ''), nullif(s.{p}tax_id || '/' || s.{p}kpp, '/'),
                                      coalesce(nullif(s.name_key, ''), lower(s.{p}name)) || '/' || s.{p}email) AS key
            FROM {t} s WHERE s.reason IS NULL AND s.target_id IS NULL AND (s.{p}name <> '' OR s.{p}tax_id <> '')
            AND NOT EXISTS (SELECT FROM {t}_partner g WHERE g.row_no = s.row_no)
        ) fresh
    ), leaders AS MATERIALIZED (
        SELECT leader, nextval(pg_get_serial_sequence('partners_partner', 'id')) AS id FROM (SELECT DISTINCT leader FROM keyed ORDER BY leader) l
    ) INSERT INTO {t}_partner SELECT keyed.row_no, leaders.id, true, keyed.row_no = keyed.leader FROM keyed JOIN leaders USING (leader)
"""
_COUNTRY: Final = "CASE WHEN s.country ~ '^[A-Za-z][A-Za-z]$' THEN upper(s.country) ELSE 'RU' END"
_INSERT_PARTNERS: Final = (
    """
    WITH made AS (
        INSERT INTO partners_partner (id, created_at, updated_at, created_by_id, version, owner_id, name, kind, legal_status, is_channel, country, full_name,
            tax_id, kpp, ogrn, phone, phone2, email, website, remarks, external_id, employees, annual_revenue, industry_id, source_id, territory_id, group_id,
            became_customer_at, custom)
        SELECT g.id, now(), now(), %(by)s, 1, coalesce(o.id, %(by)s), coalesce(nullif(s.{p}name, ''), s.{p}tax_id), s.{p}kind,
            CASE WHEN length(s.{p}tax_id) = 12 THEN 'sole' ELSE 'company' END, false, 'RU', s.{p}full_name, s.{p}tax_id, s.{p}kpp, s.{p}ogrn, s.{p}phone,
            s.{p}phone2, s.{p}email, s.{p}website,
            concat_ws(E'\\n', nullif(s.{p}remarks, ''), CASE WHEN s.owner_name <> '' AND o.id IS NULL THEN s.owner_name END),
            s.{p}external_id, nullif(s.{p}employees, '')::int, nullif(s.{p}annual_revenue, '')::numeric, i.id, c.id, r.id, y.id,
            CASE WHEN s.{p}kind = 'customer' THEN now() END, {partner_custom}
        FROM {t} s JOIN {t}_partner g USING (row_no) LEFT JOIN {t}_people o ON s.owner_name <> '' AND o.name = lower(s.owner_name)
        LEFT JOIN partners_industry i ON {industry} <> '' AND lower(i.name) = lower({industry})
        LEFT JOIN partners_source c ON {source} <> '' AND lower(c.name) = lower({source})
        LEFT JOIN partners_territory r ON {territory} <> '' AND lower(r.name) = lower({territory})
        LEFT JOIN partners_partnergroup y ON {group_name} <> '' AND lower(y.name) = lower({group_name})
        WHERE g.is_new AND g.is_first AND s.row_no BETWEEN %(from_row)s AND %(to_row)s ORDER BY s.row_no RETURNING id
    ) """
    + noted("partners.partner")
    + """
"""
)
_NAMED: Final = "coalesce(nullif(s.{c}name, ''), nullif(s.{c}email, ''), s.{c}phone)"
# The contact of each row within its partner; a contact found is left as it is.
_CONTACTS: Final = (
    """
    INSERT INTO {t}_contact SELECT DISTINCT ON (s.row_no) s.row_no, x.id, false, false FROM {t} s JOIN {t}_main m USING (row_no)
    JOIN {t}_partner g USING (row_no) JOIN partners_contact x ON x.partner_id = g.id AND x.deleted_at IS NULL
        AND (x.email <> '' AND x.email = s.{c}email OR x.phone <> '' AND x.phone = s.{c}phone OR lower(x.name) = lower(s.{c}name))
    WHERE NOT g.is_new AND m.action IN ('created', 'updated') AND s.{c}name || s.{c}email || s.{c}phone <> '' ORDER BY s.row_no, x.id
    """,
    """
    WITH keyed AS (
        SELECT s.row_no, g.id AS partner_id, min(s.row_no) OVER (PARTITION BY g.id, lower(""" + _NAMED + """)) AS leader,
            g.is_new AND min(s.row_no) OVER (PARTITION BY g.id) = s.row_no AS is_default
        FROM {t} s JOIN {t}_main m USING (row_no) JOIN {t}_partner g USING (row_no)
        WHERE m.action IN ('created', 'updated') AND s.{c}name || s.{c}email || s.{c}phone <> ''
        AND NOT EXISTS (SELECT FROM {t}_contact x WHERE x.row_no = s.row_no)
    ), made AS (
        INSERT INTO partners_contact (id, created_at, updated_at, created_by_id, version, partner_id, name, position, phone, email, remarks, is_default, custom)
        SELECT nextval(pg_get_serial_sequence('partners_contact', 'id')), now(), now(), %(by)s, 1, k.partner_id, left(""" + _NAMED + """, 150),
            s.{c}position, s.{c}phone, s.{c}email, {contact_remarks}, k.is_default, {contact_custom}
        FROM keyed k JOIN {t} s USING (row_no) WHERE k.row_no = k.leader ORDER BY k.row_no RETURNING id, partner_id, lower(name) AS name
    ), noted AS (
        """ + noted("partners.contact") + """
    ) INSERT INTO {t}_contact SELECT k.row_no, made.id, true, k.row_no = k.leader
    FROM keyed k JOIN {t} s USING (row_no) JOIN made ON made.partner_id = k.partner_id AND made.name = lower(left(""" + _NAMED + """, 150))
    """,
)  # fmt: skip
_INSERT_ADDRESSES: Final = """
    WITH made AS (
        INSERT INTO partners_address (created_at, updated_at, created_by_id, version, partner_id, kind, country, postcode, region, city, street, is_default)
        SELECT DISTINCT ON (g.id, """ + ADDRESS_KIND + """, s.city, s.street) now(), now(), %(by)s::bigint, 1, g.id, """ + ADDRESS_KIND + """, """ + _COUNTRY + """, s.postcode, s.region, s.city, s.street,
            g.is_new
        FROM {t} s JOIN {t}_main m USING (row_no) JOIN {t}_partner g USING (row_no)
        WHERE s.city || s.street <> '' AND m.action IN ('created', 'updated')
        AND (g.is_new OR NOT EXISTS (SELECT FROM partners_address a WHERE """ + SAME_ADDRESS + """))
        ORDER BY g.id, """ + ADDRESS_KIND + """, s.city, s.street RETURNING id
    ) """ + noted("partners.address") + """
"""  # fmt: skip
_INSERT_ACCOUNTS: Final = (
    """
    WITH made AS (
        INSERT INTO partners_bankaccount (created_at, updated_at, created_by_id, version, partner_id, bank_name, bic, account, correspondent_account,
            currency, is_default)
        SELECT DISTINCT ON (g.id, s.bank_account) now(), now(), %(by)s::bigint, 1, g.id, s.bank_name, s.bank_bic, s.bank_account, s.bank_correspondent,
            'RUB', g.is_new
        FROM {t} s JOIN {t}_main m USING (row_no) JOIN {t}_partner g USING (row_no)
        WHERE s.bank_account <> '' AND m.action IN ('created', 'updated')
        AND NOT EXISTS (SELECT FROM partners_bankaccount a WHERE a.partner_id = g.id AND a.account = s.bank_account)
        ORDER BY g.id, s.bank_account RETURNING id
    ) """
    + noted("partners.bankaccount")
    + """
"""
)
