"""`voronka bench` measures every job against its limit and leaves nothing behind."""

import json
import os
import subprocess
import sys

from django.db import connection

JOBS = [
    "cold start to the first page", "list of opportunities by amount", "open an opportunity", "open a partner",
    "search a partner by part of the name", "create a partner", "pipeline by stage with sums (of a scan)",
    "report by month (of a scan)", "activities of all, the latest", "activities of all, as written", "overdue of all", "mine within a week",
    "my team's within a week", "all a salesperson sees", "all a head sees", "the calendar's week of one", "the calendar's week of a team",
    "timeline of a partner", "a word of every sixth text", "a word of every thousandth text", "a word nobody wrote", "a frequent word in one's own", "a rare word in one's own",
    "pipeline of today (of a scan)", "forecast-over-time of today (of a scan)",
    *(f"{name} as of a day (of its statement)" for name in (
        "pipeline", "forecast-over-time", "statistics", "forecast", "opportunities", "lost", "my-open", "my-closed", "won", "source-distribution",
        "stage-analysis", "conversion", "dynamic", "inactive",
    )),
    "bridge of 30 days (of an as-of)", "bridge of 30 days by person (of an as-of by person)",
    "summaries put right (of a scan by all dimensions)", "summaries made anew (of a scan by all dimensions)",
    "import 300 rows", "take 300 rows back (of the import)", "memory of an import beyond the reader's",
    "list page while an import runs (of its usual time)", "the same, the slowest of twenty",
]  # fmt: skip


def test_all_jobs_are_measured(db, tmp_path):
    from voronka.cli.bench.serving import database_url

    environment = os.environ | {"VORONKA_DATA": str(tmp_path), "DATABASE_URL": database_url()}
    done = subprocess.run(
        [sys.executable, "-m", "voronka", "bench", "--rows", "300", "--json"],
        env=environment, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert (answer["rows"], [figure["job"] for figure in answer["jobs"]]) == (300, JOBS)
    assert all(figure["ours"] > 0 for figure in answer["jobs"] if not figure["job"].startswith("memory"))
    assert all(figure["ratio"] > 0 for figure in answer["jobs"] if figure["limit"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'voronka_bench%'")
        assert cursor.fetchall() == []
