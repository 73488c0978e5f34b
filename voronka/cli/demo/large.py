"""Many more partners and opportunities, made by SQL: for looking at pages at size and for measuring."""

from __future__ import annotations

from typing import Final

from django.db import connection, transaction

_PARTNERS: Final = """
    INSERT INTO partners_partner (created_at, updated_at, version, owner_id, name, kind, legal_status, is_channel, country, full_name, tax_id, kpp, ogrn,
        phone, phone2, email, website, remarks, external_id, industry_id, source_id, territory_id)
    SELECT now() - n * interval '37 seconds', now(), 1, people.ids[1 + n %% array_length(people.ids, 1)],
        'Company ' || md5(n::text), (ARRAY['lead', 'customer'])[1 + n %% 2], 'company', false, 'RU', '', '', '', '', '+7499' || lpad(n::text, 7, '0'), '',
        'box' || n || '@large.example', '', '', '', industries.ids[1 + n %% array_length(industries.ids, 1)],
        sources.ids[1 + n %% array_length(sources.ids, 1)], territories.ids[1 + n %% array_length(territories.ids, 1)]
    FROM generate_series(1, %(rows)s) n,
        (SELECT array_agg(id ORDER BY id) ids FROM accounts_user) people, (SELECT array_agg(id ORDER BY id) ids FROM partners_industry) industries,
        (SELECT array_agg(id ORDER BY id) ids FROM partners_source) sources, (SELECT array_agg(id ORDER BY id) ids FROM partners_territory) territories
"""
_DEALS: Final = """
    INSERT INTO opportunities_opportunity (created_at, updated_at, version, owner_id, name, partner_id, pipeline_id, stage_id, status, percentage, potential,
        currency, potential_company, gross_profit_percent, opened_on, predicted_close_on, closes_unit, closed_on, stage_since, product, project, remarks, close_comment,
        external_id, territory_id, source_id, industry_id)
    SELECT now() - n * interval '31 seconds', now(), 1, p.owner_id, 'Deal ' || n, p.id, s.pipeline_id, s.id, status.word, s.percentage,
        (n * 7919 %% 1000000) + n %% 97, c.currency, (n * 7919 %% 1000000) + n %% 97, 20, current_date - (n %% 700)::int, current_date + (n %% 180)::int, 'D',
        CASE WHEN status.word <> 'open' THEN current_date - (n %% 300)::int END, now() - (n %% 700) * interval '1 day', '', '', '', '', '',
        p.territory_id, p.source_id, p.industry_id
    FROM (SELECT row_number() OVER (ORDER BY id) AS n, * FROM (SELECT * FROM partners_partner ORDER BY id DESC LIMIT %(rows)s) newest) p
    CROSS JOIN LATERAL (SELECT (ARRAY['open', 'open', 'won', 'lost'])[1 + n %% 4] AS word) status
    JOIN (SELECT row_number() OVER (ORDER BY id) - 1 AS place, count(*) OVER () AS many, * FROM opportunities_stage) s ON s.place = n %% s.many
    CROSS JOIN core_company c
"""
_STATES: Final = """
    INSERT INTO opportunities_opportunitystate (opportunity_id, since, status, stage_id, percentage, potential, currency, potential_company, gross_profit_percent,
        predicted_close_on, owner_id, territory_id, source_id, industry_id, comment)
    SELECT id, stage_since, status, stage_id, percentage, potential, currency, potential_company, gross_profit_percent, predicted_close_on, owner_id, territory_id, source_id,
        industry_id, ''
    FROM opportunities_opportunity o WHERE NOT EXISTS (SELECT FROM opportunities_opportunitystate s WHERE s.opportunity_id = o.id)
"""


@transaction.atomic
def enlarge(rows: int) -> int:
    """Add that many partners, each with one opportunity and its state; returns the number of records."""
    with connection.cursor() as cursor:
        for statement in (_PARTNERS, _DEALS):
            cursor.execute(statement, {"rows": rows})
        cursor.execute(_STATES)
    return 2 * rows
