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
    "timeline of a partner", "a word of every tenth text", "a rare word", "a word, asked by a salesperson", "import 300 rows", "memory of an import beyond the reader's",
    "take 300 rows back (of the import)",
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
