"""Many more partners, opportunities, people and activities, made by SQL: for looking at pages at size and for measuring."""

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
# Several spans each, of equal length: the stages one after the other with growing amounts, until the last one is the opportunity itself.
_LIVES: Final = """
    INSERT INTO opportunities_opportunitystate (opportunity_id, since, until, status, stage_id, percentage, potential, currency, potential_company,
        gross_profit_percent, predicted_close_on, owner_id, territory_id, source_id, industry_id, comment)
    SELECT o.id, o.opened_on + k * o.span, CASE WHEN k < last.place THEN o.opened_on + (k + 1) * o.span END, CASE WHEN k < last.place THEN 'open' ELSE o.status END,
        s.id, s.percentage, worth.amount, o.currency, worth.amount, 20, o.predicted_close_on - (last.place - k) * 7,
        CASE WHEN k < 2 AND o.id %% 9 = 0 THEN first.id ELSE o.owner_id END, o.territory_id, o.source_id, o.industry_id, ''
    FROM (SELECT *, greatest(%(spans)s, coalesce(closed_on, current_date) - opened_on) / (%(spans)s * 1.0) * interval '1 day' AS span FROM opportunities_opportunity
          WHERE NOT EXISTS (SELECT FROM opportunities_opportunitystate x WHERE x.opportunity_id = opportunities_opportunity.id)) o
    CROSS JOIN (SELECT %(spans)s - 1 AS place) last CROSS JOIN generate_series(0, %(spans)s - 1) k CROSS JOIN (SELECT min(id) AS id FROM accounts_user) first
    CROSS JOIN LATERAL (SELECT CASE WHEN k < last.place THEN round(o.potential * (0.6 + 0.4 * k / last.place), 2) ELSE o.potential END AS amount) worth
    JOIN LATERAL (SELECT id, percentage FROM opportunities_stage st WHERE st.pipeline_id = o.pipeline_id
        ORDER BY (st.id <> o.stage_id AND k = last.place), position OFFSET CASE WHEN k = last.place THEN 0 ELSE least(k, 3) END LIMIT 1) s ON true
"""
_TEAM: Final = 20  # people
_PEOPLE: Final = """
    WITH top AS (SELECT id FROM accounts_team ORDER BY id LIMIT 1),
        made AS (INSERT INTO accounts_team (name, parent_id) SELECT 'Crew ' || n, top.id FROM generate_series(0, (%(people)s - 1) / %(team)s) n, top RETURNING id),
        crews AS (SELECT array_agg(id ORDER BY id) ids FROM made)
    INSERT INTO accounts_user (password, email, name, job_title, phone, language, time_zone, theme, is_active, role_id, team_id, joined_at)
    SELECT '', 'crew' || n || '@large.example', 'Crew member ' || n, '', '', '', '', 'auto', true, role.id, crews.ids[1 + n / %(team)s], now()
    FROM crews, generate_series(0, %(people)s - 1) n
    JOIN accounts_role role ON role.slug = CASE WHEN n %% %(team)s = 0 THEN 'head-of-sales' ELSE 'salesperson' END
"""
# Nine of ten are done, over two years; the others are due from a week ago to a month ahead. One word in a thousand texts is rare.
_ACTIVITIES: Final = """
    INSERT INTO activities_activity (created_at, updated_at, version, owner_id, kind, partner_id, title, text, result, happened_at, starts_at, ends_at, due_on, all_day,
        location, phone, priority, direction, outcome_id, status, closed_at, is_private, is_tentative, external_id, type_id)
    SELECT plan.at - interval '1 day', now(), 1, p.owner_id, kind.word, p.id, titles.words[1 + n %% array_length(titles.words, 1)],
        texts.words[1 + n %% array_length(texts.words, 1)] || CASE WHEN n %% 1000 = 0 THEN ' Просили рекламацию оформить по шаблону.' ELSE '' END, '',
        plan.at, CASE WHEN timed.is THEN plan.at END, CASE WHEN timed.is THEN plan.at + interval '30 minutes' END,
        CASE WHEN is_open.is AND NOT timed.is THEN plan.at::date END, false, '', '', 1, CASE WHEN kind.word IN ('call', 'email') THEN 'out' ELSE '' END,
        CASE WHEN kind.word = 'call' AND NOT is_open.is THEN outcomes.ids[1 + n %% array_length(outcomes.ids, 1)] END,
        CASE WHEN is_open.is THEN 'open' ELSE 'done' END, CASE WHEN is_open.is THEN NULL ELSE plan.at + interval '20 minutes' END, n %% 97 = 0, false, '',
        types.ids[1 + n %% array_length(types.ids, 1)]
    FROM generate_series(1, %(rows)s) n
    JOIN (SELECT row_number() OVER (ORDER BY id) - 1 AS place, id, owner_id FROM partners_partner WHERE deleted_at IS NULL) p
        ON p.place = (n * 7919::bigint) %% (SELECT count(*) FROM partners_partner WHERE deleted_at IS NULL)
    CROSS JOIN LATERAL (SELECT (ARRAY['call', 'call', 'call', 'meeting', 'task', 'note', 'email'])[1 + n %% 7] AS word) kind
    CROSS JOIN LATERAL (SELECT n %% 10 = 0 AND kind.word NOT IN ('note', 'email') AS is) is_open
    CROSS JOIN LATERAL (SELECT kind.word IN ('call', 'meeting') AS is) timed
    CROSS JOIN LATERAL (SELECT date_trunc('hour', now()) + CASE WHEN is_open.is THEN (n * 31 %% 900 - 168) * interval '1 hour'
        ELSE -(n * 104729::bigint %% 17520) * interval '1 hour' END + (n %% 4) * interval '15 minutes' AS at) plan,
        (SELECT array_agg(id ORDER BY id) ids FROM activities_outcome) outcomes, (SELECT array_agg(id ORDER BY id) ids FROM activities_activitytype) types,
        (SELECT ARRAY['Обсудить скидку', 'Отправить договор', 'Показать образцы', 'Уточнить бюджет', 'Выставить счёт', 'Send the quotation', 'Замер помещения',
            'Согласовать состав', 'Напомнить про оплату', 'Meet the director', 'Подготовить предложение', 'Проверить поставку', 'Узнать про тендер'] words) titles,
        (SELECT ARRAY['Получили, смотрят, вопрос по срокам поставки.', 'Договор у юристов, ждут замечаний.', 'Бюджет утвердят в конце месяца.',
            'Понравился дуб, просят второй вариант обивки.', 'They compare with a competitor, an answer in a week.', '', 'Сравнивают с конкурентом, ответ через неделю.',
            'Готовы взять больше при скидке.', 'Решение за директором филиала.', 'Замеры сняты, план отправлен проектировщику.', 'Оплата частями, график согласован.'] words) texts
"""
# Every third meeting is held by two.
_TOGETHER: Final = """
    INSERT INTO activities_activity_participants (activity_id, user_id)
    SELECT a.id, people.ids[1 + a.id %% array_length(people.ids, 1)]
    FROM activities_activity a, (SELECT array_agg(id ORDER BY id) ids FROM accounts_user) people
    WHERE a.kind = 'meeting' AND a.id %% 3 = 0
    ON CONFLICT DO NOTHING
"""
# One partner with whom everything was talked over.
_STORY: Final = """
    INSERT INTO activities_activity (created_at, updated_at, version, owner_id, kind, partner_id, title, text, result, happened_at, all_day, location, phone, priority,
        direction, status, closed_at, is_private, is_tentative, external_id)
    SELECT now(), now(), 1, p.owner_id, (ARRAY['call', 'note', 'email'])[1 + n %% 3], p.id, 'Entry ' || n, 'What was said the day before', '',
        now() - n * interval '3 hours', false, '', '', 1, '', 'done', now() - n * interval '3 hours', false, false, ''
    FROM generate_series(1, %(entries)s) n, (SELECT id, owner_id FROM partners_partner WHERE deleted_at IS NULL ORDER BY id DESC LIMIT 1) p
"""


@transaction.atomic
def crowd(people: int) -> None:
    """Add that many salespeople in teams of twenty, the first of each its head; the roles are the demo company's."""
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, {"people": people, "team": _TEAM})


@transaction.atomic
def busy(rows: int, entries: int) -> None:
    """Add that many activities over all partners, done by the partners' owners, and `entries` more with the newest partner."""
    with connection.cursor() as cursor:
        cursor.execute(_ACTIVITIES, {"rows": rows})
        cursor.execute(_TOGETHER, {})
        cursor.execute(_STORY, {"entries": entries})


@transaction.atomic
def enlarge(rows: int, spans: int = 1) -> int:
    """Add that many partners, each with one opportunity and its states; returns the number of records.

    For several states the constraint that keeps them from overlapping is dropped first: it would take most of the time, and the base is to be
    measured, not to be worked in.
    """
    with connection.cursor() as cursor:
        for statement in (_PARTNERS, _DEALS):
            cursor.execute(statement, {"rows": rows})
        if spans == 1:
            cursor.execute(_STATES)
        else:
            cursor.execute("ALTER TABLE opportunities_opportunitystate DROP CONSTRAINT state_no_overlap")
            cursor.execute(_LIVES, {"spans": spans})
    return (2 if spans == 1 else 1 + spans) * rows
