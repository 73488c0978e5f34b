"""Which partners may be one: pairs found by exact keys and by similar names, scored with their reasons.

The score adds what speaks for a pair and takes off what speaks against it (weights below); at SURE two records are one with next to no
doubt, from REVIEW on a person should look. The weights were set on the made base of `tests/test_duplicates.py`, which also measures them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

SURE: Final = 0.75
REVIEW: Final = 0.35
# Names are compared by trigrams of their bare form (without legal form, small letters, Latin and Cyrillic alike).
ALIKE: Final = 0.45
WEIGHTS: Final = {"tax_id": 0.75, "email": 0.5, "phone": 0.45, "website": 0.3, "name": 0.5, "other_tax_id": -0.6}
REASONS: Final = {
    "tax_id": _("the same tax ID"), "email": _("the same e-mail"), "phone": _("the same phone"), "website": _("the same website"),
    "name": _("alike names"), "other_tax_id": _("but different tax IDs"),
}  # fmt: skip
CHUNK: Final = 2000
# Cyrillic letters as they are most often written in Latin; what sounds alike is written alike on both sides.
_FROM, _TO = "абвгдезийклмнопрстуфхцыэ", "abvgdeziiklmnoprstufhcye"
_TWO = (
    ("щ", "sh"),
    ("ш", "sh"),
    ("ч", "ch"),
    ("ж", "zh"),
    ("ю", "yu"),
    ("я", "ya"),
    ("ъ", ""),
    ("ь", ""),
    ("kh", "h"),
    ("ts", "c"),
    ("iy", "i"),
    ("y", "i"),
    ("j", "i"),
)


def _latin(column: str) -> str:
    """SQL: the text in Latin letters."""
    text = f"translate({column}, '{_FROM}', '{_TO}')"
    for one, other in _TWO:
        text = f"replace({text}, '{one}', '{other}')"
    return text


def scan(progress: Callable[[int, int], None] | None = None) -> int:
    """Look at all live partners and keep the pairs from REVIEW up; pairs decided by a person stay decided. Returns how many pairs wait.

    Set-based: keys by joins, names by a trigram index over a scratch table, CHUNK partners at a time; `progress(done, all)` after each.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_SCRATCH)
        cursor.execute("CREATE INDEX ON duplicates_scan USING gin (name gin_trgm_ops)")
        cursor.execute("CREATE UNIQUE INDEX ON duplicates_scan (place)")
        cursor.execute("ANALYZE duplicates_scan")
        cursor.execute("SELECT coalesce(max(place), 0) FROM duplicates_scan")
        whole = cursor.fetchone()[0]
        cursor.execute(f"SET LOCAL pg_trgm.similarity_threshold = {ALIKE}")
        cursor.execute(_KEYS)
        for done in range(0, whole, CHUNK):
            cursor.execute(_NAMES, [done, done + CHUNK])
            if progress:
                progress(min(done + CHUNK, whole), whole)
        cursor.execute("DELETE FROM partners_duplicatepair WHERE status = 'open'")
        cursor.execute(_KEEP, {**WEIGHTS, "review": REVIEW, "alike": ALIKE})
        cursor.execute("DROP TABLE duplicates_scan, duplicates_found")
        cursor.execute("SELECT count(*) FROM partners_duplicatepair WHERE status = 'open'")
        return int(cursor.fetchone()[0])


_SITE: Final = "split_part(regexp_replace(lower(website), '^(https?://)?(www\\.)?', ''), '/', 1)"
_SCRATCH: Final = f"""
    CREATE TEMP TABLE duplicates_scan ON COMMIT DROP AS
    SELECT row_number() OVER (ORDER BY id) AS place, id, {_latin("name_key")} AS name, tax_id, kpp, email, phone, phone2, {_SITE} AS site
    FROM partners_partner WHERE deleted_at IS NULL
"""
# Keys of partners and of their contacts; a key that many share (a switchboard, a bookkeeper's mail) tells nothing.
_KEYS: Final = """
    CREATE TEMP TABLE duplicates_found ON COMMIT DROP AS
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
    ), telling AS (SELECT reason, key FROM keys GROUP BY reason, key HAVING count(*) BETWEEN 2 AND 20)
    SELECT DISTINCT a.id AS first_id, b.id AS second_id, a.reason FROM telling JOIN keys a USING (reason, key) JOIN keys b USING (reason, key) WHERE a.id < b.id
"""
_NAMES: Final = """
    INSERT INTO duplicates_found SELECT a.id, b.id, 'name' FROM duplicates_scan a JOIN duplicates_scan b ON b.name %% a.name AND a.id < b.id
    WHERE a.place > %s AND a.place <= %s AND a.name <> ''
"""
_KEEP: Final = """
    INSERT INTO partners_duplicatepair (first_id, second_id, score, reasons, status)
    SELECT first_id, second_id, least(score, 9.99), reasons, 'open' FROM (
        SELECT f.first_id, f.second_id, to_jsonb(array_agg(f.reason ORDER BY f.reason) || CASE WHEN other THEN ARRAY['other_tax_id'] ELSE '{}' END) AS reasons,
            sum(CASE f.reason WHEN 'tax_id' THEN %(tax_id)s WHEN 'email' THEN %(email)s WHEN 'phone' THEN %(phone)s WHEN 'website' THEN %(website)s
                ELSE %(name)s * similarity(a.name, b.name) END)
            + CASE WHEN other THEN %(other_tax_id)s ELSE 0 END AS score
        FROM (SELECT DISTINCT * FROM duplicates_found) f JOIN duplicates_scan a ON a.id = f.first_id JOIN duplicates_scan b ON b.id = f.second_id
        CROSS JOIN LATERAL (SELECT a.tax_id <> '' AND b.tax_id <> '' AND a.tax_id <> b.tax_id AS other) t
        GROUP BY f.first_id, f.second_id, other
    ) scored WHERE score >= %(review)s
    ON CONFLICT (first_id, second_id) DO NOTHING
"""
