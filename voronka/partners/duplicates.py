"""Which partners may be one: found by exact keys and by alike names, scored with reasons; by one definition in the whole base and while one types.

The score adds what speaks for a pair and takes off what speaks against it (WEIGHTS); at SURE two records are one with next to no doubt, from
REVIEW on a person should look. The weights were set on the made base of `tests/test_duplicates.py`, which also measures them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db import connection, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from voronka.partners import rules
from voronka.partners.models import AccessRequest, NameKey, Partner, TwinName, TwinPlace, TwinSite

if TYPE_CHECKING:
    from django.utils.functional import Promise

    from voronka.accounts.models import User

SURE: Final = 0.75
REVIEW: Final = 0.4
# Across the borders of access a weak likeness is not told of: it would say more of a stranger's partner than it helps.
TOLD: Final = 0.45
# Names are compared by trigrams of their bare form (without legal form, small letters, Latin and Cyrillic alike): how alike they must be to
# count beside a key, to make a pair by themselves, and how unlike to speak against one.
ALIKE: Final = 0.45
UNLIKE: Final = 0.2
WEIGHTS: Final = {
    "tax_id": 0.75, "email": 0.5, "phone": 0.5, "website": 0.3, "address": 0.3, "name": 0.5, "other_name": -0.05, "other_kpp": -0.6, "other_tax_id": -0.6,
}  # fmt: skip
ALONE: Final = REVIEW / WEIGHTS["name"]
REASONS: Final[dict[str, Promise]] = {
    "tax_id": _("the same tax ID"), "email": _("the same e-mail"), "phone": _("the same phone"), "website": _("the same website"),
    "address": _("the same address"), "name": _("alike names"), "other_name": _("but quite different names"), "other_kpp": _("but different KPPs"),
    "other_tax_id": _("but different tax IDs"),
}  # fmt: skip
# A key that more share (a switchboard, a bookkeeper's mail, a business centre) tells nothing.
MANY: Final = 20
CHUNK: Final = 1000
SHOWN: Final = 5

_NAME, _SITE, _PLACE = TwinName.template, TwinSite.template, TwinPlace.template
# One scored pair: `keys` are the reasons found by keys, a and b the two records as (name, tax_id, kpp). A pair with something against it is never sure.
_SCORE: Final = """
    CROSS JOIN LATERAL (SELECT CASE WHEN a.name <> '' AND b.name <> '' THEN similarity(a.name, b.name) END AS alike) s
    CROSS JOIN LATERAL (SELECT array_remove(ARRAY[
        CASE WHEN alike < %(unlike)s AND NOT (a.tax_id <> '' AND a.tax_id = b.tax_id) THEN 'other_name' END,
        CASE WHEN a.tax_id <> '' AND a.tax_id = b.tax_id AND a.kpp <> '' AND b.kpp <> '' AND a.kpp <> b.kpp THEN 'other_kpp' END,
        CASE WHEN a.tax_id <> '' AND b.tax_id <> '' AND a.tax_id <> b.tax_id THEN 'other_tax_id' END], NULL) AS against) g
    CROSS JOIN LATERAL (SELECT keys || CASE WHEN alike >= %(alike)s THEN ARRAY['name'] ELSE ARRAY[]::text[] END || against AS reasons) r
    CROSS JOIN LATERAL (
        SELECT sum(CASE one WHEN 'name' THEN (%(weights)s::jsonb ->> one)::float * alike ELSE (%(weights)s::jsonb ->> one)::float END) AS added FROM unnest(reasons) one
    ) w
    CROSS JOIN LATERAL (SELECT CASE WHEN cardinality(against) = 0 THEN added ELSE least(added, %(sure)s - 0.01) END AS score) c
"""
_PARAMETERS: Final[dict[str, Any]] = {
    "weights": json.dumps(WEIGHTS), "sure": SURE, "review": REVIEW, "alike": ALIKE, "unlike": UNLIKE, "many": MANY, "alone": ALONE,
}  # fmt: skip


@dataclass(frozen=True)
class Typed:
    """What was typed of a partner so far, as it would be stored: e-mail in small letters, phones in E.164."""

    name: str = ""
    tax_id: str = ""
    kpp: str = ""
    email: str = ""
    phone: str = ""
    phone2: str = ""
    website: str = ""
    city: str = ""
    street: str = ""

    @classmethod
    def of(cls, given: Any) -> Typed:
        """From a form half filled in (a mapping of texts): what can't be a phone is left out."""
        texts = {name: given.get(name, "").replace("\x00", "").strip()[:200] for name in cls.__dataclass_fields__}
        country = given.get("country", "")[:2].upper() or "RU"
        phones = {name: rules.phone_e164(texts[name], country) if texts[name] else "" for name in ("phone", "phone2")}
        bare = {
            "tax_id": texts["tax_id"].replace(" ", ""),
            "email": texts["email"].lower(),
            "kpp": texts["kpp"].upper(),
        }
        return cls(**texts | phones | bare)

    def given(self) -> dict[str, str]:
        return {name: text for name, text in asdict(self).items() if text}


@dataclass(frozen=True)
class Candidate:
    """A partner that may be the one typed: its key, how sure, and the reasons (keys of REASONS)."""

    partner: int
    score: float
    reasons: list[str]


@dataclass(frozen=True)
class Hint:
    """What a person is told of a candidate. Of one they may not see: whose it is, whether they asked already, and nothing more."""

    owner: User
    partner: Partner | None = None
    score: float | None = None
    reasons: tuple[str, ...] = ()
    is_asked: bool = False

    @property
    def words(self) -> list[Promise]:
        return [REASONS[one] for one in self.reasons]

    @property
    def address(self) -> str:
        return reverse("partners:detail", args=[self.partner.pk]) if self.partner else ""


def candidates(typed: Typed, own: int = 0) -> list[Candidate]:
    """Live partners that score from REVIEW on with what was typed, the surest first; `own` is left out. Whoever tells of them asks `hints`.

    Every key has its index; names are found by the trigram index over their Latin form.
    """
    values = typed.given()
    found = [text for name, text in _FIND.items() if name in values]
    if not found:
        return []
    parameters = {**_PARAMETERS, **asdict(typed), "own": own}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL pg_trgm.similarity_threshold = %s", [ALONE])
        cursor.execute(_CANDIDATES.format(found=" UNION ALL ".join(found)), parameters)
        return [Candidate(key, round(score, 2), reasons) for key, score, reasons in cursor.fetchall()]


def hints(typed: Typed, *, user: User, own: int = 0, least: float = REVIEW) -> list[Hint]:
    """What this person may be told of the candidates that score at least `least`: those they see with reasons; of others, once per owner, that
    there is one.
    """
    found = [one for one in candidates(typed, own) if one.score >= least]
    if not found:
        return []
    rows = Partner.objects.visible_to(user).select_related("owner").in_bulk([one.partner for one in found])
    seen = [
        Hint(rows[one.partner].owner, rows[one.partner], one.score, tuple(one.reasons))
        for one in found
        if one.partner in rows
    ]
    hidden = [one.partner for one in found if one.partner not in rows and one.score >= TOLD]
    return seen[:SHOWN] + hints_of_others(Partner._base_manager.filter(pk__in=hidden).select_related("owner"), user)


def hints_of_others(partners: Iterable[Partner], user: User) -> list[Hint]:
    """One hint per owner of partners beyond the person's reach."""
    rows = list(partners)
    if not rows:
        return []
    mine = AccessRequest.objects.visible_to(user).open().filter(partner__in=rows)
    asked = set(mine.values_list("partner", flat=True))
    owners: dict[User, bool] = {}
    for row in rows:
        owners[row.owner] = owners.get(row.owner, True) and row.pk in asked
    by_name = sorted(owners.items(), key=lambda one: one[0].name)
    return [Hint(owner, is_asked=is_asked) for owner, is_asked in by_name]


def hidden_of(typed: Typed, owner: User, *, user: User) -> list[Partner]:
    """The partners behind a hint "belongs to this owner, ask": for the request, never for showing."""
    found = {one.partner for one in candidates(typed) if one.score >= TOLD}
    seen = Partner.objects.visible_to(user).filter(pk__in=found).values("pk")
    return list(Partner._base_manager.filter(pk__in=found, owner=owner).exclude(pk__in=seen).order_by("pk"))


_LIVE: Final = "SELECT id FROM partners_partner WHERE deleted_at IS NULL AND"
_OF_CONTACT: Final = "SELECT partner_id FROM partners_contact WHERE deleted_at IS NULL AND"
# What each typed field is looked for in. Where more than MANY are found, the key tells nothing.
_FIND: Final = {
    "tax_id": f"(SELECT 'tax_id' AS reason, id FROM ({_LIVE} tax_id = %(tax_id)s AND tax_id <> '' LIMIT %(many)s + 1) k)",
    "email": f"""(SELECT 'email', id FROM ({_LIVE} email = %(email)s AND email <> '' UNION {_OF_CONTACT} email = %(email)s AND email <> '' LIMIT %(many)s + 1) k)""",
    **{
        name: f"""(SELECT 'phone', id FROM ({_LIVE} phone = %({name})s AND phone <> '' UNION {_LIVE} phone2 = %({name})s AND phone2 <> ''
            UNION {_OF_CONTACT} phone = %({name})s AND phone <> '' LIMIT %(many)s + 1) k)"""
        for name in ("phone", "phone2")
    },
    "website": f"""(SELECT 'website', id FROM ({_LIVE} {_SITE % {"expressions": "website"}} = {_SITE % {"expressions": "%(website)s"}} AND website <> ''
        LIMIT %(many)s + 1) k)""",
    "street": f"""(SELECT 'address', id FROM (SELECT partner_id AS id FROM partners_address WHERE deleted_at IS NULL AND street <> ''
        AND {_PLACE % {"expressions": "city || ' ' || street"}} = {_PLACE % {"expressions": "%(city)s || ' ' || %(street)s"}} LIMIT %(many)s + 1) k)""",
    "name": f"""(SELECT NULL, id FROM partners_partner WHERE deleted_at IS NULL
        AND {_NAME % {"expressions": "name_key"}} %% {_NAME % {"expressions": NameKey.template % {"expressions": "%(name)s"}}} LIMIT 200)""",
}  # fmt: skip
_CANDIDATES: Final = f"""
    WITH found (reason, id) AS ({{found}}),
    telling AS (SELECT reason, id, count(*) OVER (PARTITION BY reason) AS many FROM found),
    pair AS (
        SELECT id, coalesce(array_agg(DISTINCT reason ORDER BY reason) FILTER (WHERE reason IS NOT NULL AND many <= %(many)s), ARRAY[]::text[]) AS keys
        FROM telling WHERE id <> %(own)s GROUP BY id
    ),
    a AS (SELECT {_NAME % {"expressions": NameKey.template % {"expressions": "%(name)s"}}} AS name, %(tax_id)s AS tax_id, %(kpp)s AS kpp)
    SELECT pair.id, score, reasons FROM pair CROSS JOIN a
    JOIN (SELECT id, deleted_at, {_NAME % {"expressions": "name_key"}} AS name, tax_id, kpp FROM partners_partner) b ON b.id = pair.id AND b.deleted_at IS NULL
    {_SCORE}
    WHERE score >= %(review)s ORDER BY score DESC, pair.id LIMIT 50
"""


class CalledOff(Exception):
    """Raised by a scan's progress to end it; the pairs found before stay."""


def scan(progress: Callable[[int, int], None] | None = None) -> int:
    """Look at all live partners and keep the pairs from REVIEW up; pairs decided by a person stay decided. Returns how many pairs wait.

    Set-based: keys by joins, names by a trigram index over a scratch table, CHUNK partners at a time; `progress(done, all)` after each, which may
    raise to call the scan off: the pairs of the last one stay. Scratch tables belong to the database session, so that progress can be seen.
    """
    try:
        return _scan(progress)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS duplicates_scan, duplicates_found")


def _scan(progress: Callable[[int, int], None] | None) -> int:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS duplicates_scan, duplicates_found")
        cursor.execute(_SCRATCH)
        cursor.execute("CREATE INDEX ON duplicates_scan USING gin (name gin_trgm_ops)")
        cursor.execute("CREATE UNIQUE INDEX ON duplicates_scan (place)")
        cursor.execute("ANALYZE duplicates_scan")
        cursor.execute(_KEYS, _PARAMETERS)
        cursor.execute("SELECT coalesce(max(place), 0) FROM duplicates_scan")
        whole = cursor.fetchone()[0]
        for done in range(0, whole, CHUNK):
            with transaction.atomic():
                cursor.execute("SET LOCAL pg_trgm.similarity_threshold = %s", [ALONE])
                cursor.execute(_NAMES, [done, done + CHUNK])
            if progress:
                progress(min(done + CHUNK, whole), whole)
        return _keep(cursor)


@transaction.atomic
def _keep(cursor: Any) -> int:
    cursor.execute("DELETE FROM partners_duplicatepair WHERE status = 'open'")
    cursor.execute(_KEEP, _PARAMETERS)
    cursor.execute("SELECT count(*) FROM partners_duplicatepair WHERE status = 'open'")
    return int(cursor.fetchone()[0])


_SCRATCH: Final = f"""
    CREATE TEMP TABLE duplicates_scan AS
    SELECT row_number() OVER (ORDER BY id) AS place, id, {_NAME % {"expressions": "name_key"}} AS name, tax_id, kpp, email, phone, phone2,
        {_SITE % {"expressions": "website"}} AS site
    FROM partners_partner WHERE deleted_at IS NULL
"""
# Keys of partners, of their contacts and of their addresses.
_KEYS: Final = f"""
    CREATE TEMP TABLE duplicates_found AS
    WITH keys AS (
        SELECT id, 'tax_id' AS reason, tax_id AS key FROM duplicates_scan WHERE tax_id <> ''
        UNION SELECT id, 'email', email FROM duplicates_scan WHERE email <> ''
        UNION SELECT id, 'phone', phone FROM duplicates_scan WHERE phone <> ''
        UNION SELECT id, 'phone', phone2 FROM duplicates_scan WHERE phone2 <> ''
        UNION SELECT id, 'website', site FROM duplicates_scan WHERE site <> ''
        UNION SELECT c.partner_id, 'email', c.email FROM partners_contact c JOIN duplicates_scan s ON s.id = c.partner_id
            WHERE c.email <> '' AND c.deleted_at IS NULL
        UNION SELECT c.partner_id, 'phone', c.phone FROM partners_contact c JOIN duplicates_scan s ON s.id = c.partner_id
            WHERE c.phone <> '' AND c.deleted_at IS NULL
        UNION SELECT d.partner_id, 'address', {_PLACE % {"expressions": "d.city || ' ' || d.street"}} FROM partners_address d
            JOIN duplicates_scan s ON s.id = d.partner_id WHERE d.street <> '' AND d.deleted_at IS NULL
    ), telling AS (SELECT reason, key FROM keys GROUP BY reason, key HAVING count(*) BETWEEN 2 AND %(many)s)
    SELECT DISTINCT a.id AS first_id, b.id AS second_id, a.reason FROM telling JOIN keys a USING (reason, key) JOIN keys b USING (reason, key) WHERE a.id < b.id
"""
_NAMES: Final = """
    INSERT INTO duplicates_found SELECT a.id, b.id, NULL FROM duplicates_scan a JOIN duplicates_scan b ON b.name %% a.name AND a.id < b.id
    WHERE a.place > %s AND a.place <= %s AND a.name <> ''
"""
_KEEP: Final = f"""
    INSERT INTO partners_duplicatepair (first_id, second_id, score, reasons, status)
    SELECT first_id, second_id, least(score, 9.99), to_jsonb(reasons), 'open' FROM (
        SELECT first_id, second_id, coalesce(array_agg(DISTINCT reason ORDER BY reason) FILTER (WHERE reason IS NOT NULL), ARRAY[]::text[]) AS keys
        FROM duplicates_found GROUP BY first_id, second_id
    ) pair JOIN duplicates_scan a ON a.id = first_id JOIN duplicates_scan b ON b.id = second_id
    {_SCORE}
    WHERE score >= %(review)s
    ON CONFLICT (first_id, second_id) DO NOTHING
"""
