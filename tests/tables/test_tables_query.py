"""`Table.query` runs one SELECT over the answers, and nothing that reads or writes elsewhere."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa  # type: ignore[import-untyped]
import pytest

import probation_rules as pr
from probation_rules.tables import Table
from support.tabled import both_ways

ON = date(2026, 1, 15)
ONE_SELECT = "give one SELECT of DuckDB; no other statement is run"
TABLES = "a query may read `outcomes` and, after `keep`, `kept`, and no other table or file"
FUNCTIONS = "this function is not allowed: a query may only use functions of the values it is given"
NOT_RUN = "DuckDB cannot run this SELECT; check its syntax and the names of columns"


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Table:
    """Two cases, whose answers are kept, in a folder with a file that is not theirs."""
    monkeypatch.chdir(tmp_path)
    Path("secret.csv").write_text("name\nnobody\n", encoding="utf-8")
    data = pa.table(
        {
            "reference": ["EX-1", "EX-2"],
            "order_type": ["community_order", "community_order"],
            "sentence_date": [date(2025, 3, 3), date(2025, 11, 3)],
        }
    )
    table = pr.check_table("unpaid-work", data, on=ON)
    table.keep()
    return table


def refused(table: Table, text: str, why: str) -> None:
    before = sorted(path.name for path in Path().iterdir())
    with pytest.raises(pr.InputError) as error:
        table.query(text)
    assert str(error.value).partition(" @ query")[0] == why
    assert sorted(path.name for path in Path().iterdir()) == before
    assert table.query("SELECT count(*) AS n FROM kept")["n"].to_pylist() == [2]


@both_ways
@pytest.mark.usefixtures("small")
def test_one_select_over_the_answers_is_run(table: Table) -> None:
    selects: list[tuple[str, list[object]]] = [
        ("SELECT count(*) FROM outcomes", [2]),
        ("FROM kept SELECT _row ORDER BY 1", [1, 2]),
        ("SELECT reference FROM Outcomes ORDER BY ALL -- all\nLIMIT 1;", ["EX-1"]),
        ('SELECT count(DISTINCT "upw.review-6") > 0 FROM "outcomes"', [True]),
        ("SELECT count(*) FROM outcomes a JOIN kept b USING (reference)", [2]),
        ("WITH source AS (FROM outcomes), b AS (FROM SOURCE) SELECT count(*) FROM source, b", [4]),
        ("WITH a AS (WITH b AS (FROM kept) FROM b) SELECT count(*) FROM a, outcomes", [4]),
        (
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION SELECT i + 1 FROM n WHERE i < 3) FROM n",
            [1, 2, 3],
        ),
        ("SELECT 1 UNION ALL SELECT count(*) FROM outcomes", [1, 2]),
        ("SELECT DISTINCT ON (reference) _row FROM kept ORDER BY _row DESC LIMIT 50%", [2]),
        ("SELECT _row FROM kept ORDER BY _row ASC OFFSET 1", [2]),
        ("SELECT max(r) FROM (SELECT row_number() OVER (ORDER BY reference) r FROM kept)", [2]),
        ("SELECT sum(n) FROM outcomes, unnest([1, 2]) u(n)", [6]),
        ("SELECT unnest(string_split('a;b', ';'))", ["a", "b"]),
        ("SELECT list_sum(list_transform([1, 2], lambda x: x + 1))", [5]),
        ("SELECT (SELECT count(*) FROM outcomes WHERE reference LIKE 'EX-_')", [2]),
        ("SELECT max(i) FROM range(3) t(i)", [2]),
        ("SELECT a FROM (VALUES (1)) t(a)", [1]),
        ("FROM (SELECT reference AS r FROM kept) PIVOT (count(*) FOR r IN ('EX-1' AS one))", [1]),
        (f"SELECT 1{' + 1' * 100}", [101]),
    ]
    wrong = [
        (text, rows, found)
        for text, rows in selects
        if (found := table.query(text).columns[0].to_pylist()) != rows
    ]
    assert wrong == []


def test_what_is_not_one_select_is_not_run(table: Table) -> None:
    texts: list[str] = [
        "COPY outcomes TO 'out.csv'",
        "COPY (SELECT 1) TO 'out.parquet' (FORMAT parquet)",
        "COPY kept FROM 'secret.csv'",
        "EXPORT DATABASE 'out'",
        "IMPORT DATABASE 'out'",
        "ATTACH 'out.db' AS other",
        "ATTACH ':memory:' AS other",
        "DETACH memory",
        "USE memory",
        "INSTALL httpfs",
        "LOAD httpfs",
        "PRAGMA database_list",
        "SET temp_directory = 'out'",
        "RESET memory_limit",
        "CALL duckdb_settings()",
        "CREATE TABLE kept2 AS SELECT 1",
        "CREATE OR REPLACE VIEW outcomes AS SELECT 1",
        "CREATE MACRO f() AS 1",
        "CREATE SECRET (TYPE s3)",
        "DROP TABLE kept",
        "DELETE FROM kept",
        "UPDATE kept SET reference = 'x'",
        "INSERT INTO kept SELECT * FROM kept",
        "TRUNCATE kept",
        "ALTER TABLE kept RENAME TO other",
        "BEGIN",
        "CHECKPOINT",
        "VACUUM",
        "ANALYZE",
        "PREPARE p AS SELECT 1",
        "EXECUTE p",
        "EXPLAIN ANALYZE COPY outcomes TO 'out.csv'",
        "EXPLAIN SELECT 1",
        "SHOW TABLES",
        "SUMMARIZE 'secret.csv'",
        "DESCRIBE kept",
        "SELECT 1; SELECT 2",
        "SELECT 1; COPY outcomes TO 'out.csv'",
        "/* SELECT */ COPY outcomes TO 'out.csv'; SELECT 1",
        "SELECT 1\0; COPY outcomes TO 'out.csv'",
        "WITH a AS (SELECT 1) DELETE FROM kept",
        "WITH a AS (DELETE FROM kept RETURNING *) FROM a",
        "WITH a AS (INSERT INTO kept FROM kept RETURNING *) FROM a",
        "WITH a AS (UPDATE kept SET reference = 'x' RETURNING *) FROM a",
        "WITH a AS (COPY kept TO 'out.csv') FROM a",
        "SELECT (WITH a AS (COPY kept TO 'out.csv') SELECT count(*) FROM a)",
        "WITH a AS (SHOW TABLES) FROM a",
        "SELEC 1",
        "SELECT",
        "SELECT '",
        "",
        ";",
        "\0",
        "\ud800",
        f"SELECT {'abs(' * 5_000}1{')' * 5_000}",
    ]
    for text in texts:
        refused(table, text, ONE_SELECT)


def test_nothing_but_the_answers_is_read(table: Table) -> None:
    texts: list[str] = [
        "FROM 'secret.csv'",
        'FROM "secret.csv"',
        "SELECT * FROM read_csv('secret.csv')",
        "SELECT * FROM READ_CSV_AUTO('secret.csv')",
        "SELECT * FROM main.read_csv('secret.csv')",
        "SELECT * FROM read_text('secret.csv')",
        "SELECT * FROM read_blob('secret.csv')",
        "SELECT * FROM read_json('secret.csv')",
        "SELECT * FROM read_parquet('secret.csv')",
        "SELECT * FROM sniff_csv('secret.csv')",
        "SELECT * FROM glob('*')",
        "SELECT * FROM query('FROM ''secret.csv''')",
        "SELECT * FROM query_table('secret.csv')",
        "SELECT * FROM json_execute_serialized_sql(json_serialize_sql('FROM ''secret.csv'''))",
        "SELECT * FROM histogram('secret.csv', name)",
        "SELECT * FROM duckdb_settings()",
        "SELECT * FROM duckdb_secrets()",
        "SELECT * FROM duckdb_views()",
        "SELECT * FROM pragma_database_size()",
        "SELECT * FROM enable_logging()",
        "SELECT * FROM checkpoint()",
        "FROM source",
        "FROM cases",
        "FROM numbered_cases",
        "FROM main.outcomes",
        "FROM information_schema.tables",
        "FROM duckdb_tables",
        "FROM sqlite_master",
        "FROM here",
        "SELECT (SELECT max(name) FROM 'secret.csv')",
        "SELECT 1 WHERE 'x' IN (SELECT name FROM 'secret.csv')",
        "SELECT [(SELECT name FROM 'secret.csv')]",
        "FROM outcomes WHERE EXISTS (FROM 'secret.csv')",
        "FROM outcomes JOIN 'secret.csv' ON true",
        "FROM outcomes, LATERAL (FROM 'secret.csv')",
        "FROM outcomes ORDER BY (SELECT name FROM 'secret.csv')",
        "FROM outcomes LIMIT (SELECT 1 FROM 'secret.csv')",
        "FROM (FROM 'secret.csv') PIVOT (count(*) FOR name IN ('a'))",
        "SELECT 1 UNION FROM 'secret.csv'",
        "WITH a AS (FROM 'secret.csv') FROM a",
        "WITH a AS (FROM b), b AS (SELECT 1) FROM a",
        "WITH source AS (FROM source) FROM source",
        "WITH RECURSIVE source AS (FROM source UNION ALL FROM source) FROM source",
        "FROM (WITH source AS (SELECT 1) FROM source), source",
        'FROM (WITH "secret.csv" AS (SELECT 1) FROM "secret.csv"), \'secret.csv\'',
        "WITH \"secret\u212a.csv\" AS (SELECT 1) FROM 'secretk.csv'",
    ]
    here = pa.table({"name": ["nobody"]})
    assert here.num_rows
    for text in texts:
        refused(table, text, TABLES)


def test_a_function_that_looks_elsewhere_is_not_run(table: Table) -> None:
    texts: list[str] = [
        "current_setting('temp_directory')",
        "getvariable('x')",
        "nextval('s')",
        "write_log('x')",
        "setseed(0.5)",
        "sleep_ms(1)",
        "pg_get_viewdef(1)",
        "get_block_size('memory')",
        "read_csv('secret.csv')",
        "getenv('HOME')",
        "nothing_known(1)",
        "sum(write_log('x')) OVER ()",
    ]
    for call in texts:
        refused(table, f"FROM outcomes SELECT {call}", FUNCTIONS)


def test_the_place_of_what_is_refused_is_given(table: Table) -> None:
    with pytest.raises(pr.InputError) as error:
        table.query("SELECT 1 FROM outcomes, cases")
    assert str(error.value) == f"{TABLES} @ query, character 25"


@pytest.mark.parametrize(
    "text", ["SELECT stge FROM outcomes", "SELECT sum(reference) FROM outcomes"]
)
def test_a_select_that_cannot_be_run_is_our_own_error(table: Table, text: str) -> None:
    with pytest.raises(pr.InputError) as error:
        table.query(text)
    assert str(error.value) == f"{NOT_RUN} @ query"
