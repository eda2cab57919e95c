# needs: engine
"""The examples, run as their README says."""
import json
import sqlite3

from support.workspace import Workspace, run_tests


def test_quickstart():
    with Workspace(example="quickstart") as w:
        w.start()
        assert json.loads(w.get("notes", "/health")) == {"status": "ok"}
        notes = json.loads(w.get("notes"))
        assert [n["title"] for n in notes][0] == "Read appsettings.json" and len(notes) == 3
        states = {n: (r["state"], r["health"]) for n, r in w.resources().items()}
        assert states == {"sqlite": ("Running", "Healthy"), "sqlite-migrations": ("Finished", None),
                          "sqlite-seed": ("Finished", None), "notes": ("Running", "Healthy")}, states
        w.stop()
        # Again: nothing pending, nothing sown twice.
        w.start()
        assert len(json.loads(w.get("notes"))) == 3
        w.stop()
        with sqlite3.connect(w.root / "database/sqlite/notes.db") as db:
            ledger = db.execute("SELECT migration_name, finished_at IS NOT NULL, applied_steps_count "
                                "FROM _prisma_migrations ORDER BY started_at, migration_name").fetchall()
        assert ledger == [("20260105090000_init", 1, 1), ("20260112100000_add_done", 1, 1)], ledger


def test_netscript():
    with Workspace(example="netscript") as w:
        w.start()
        orders = json.loads(w.get("orders"))
        assert [o["id"] for o in orders] == ["order-1", "order-2"]
        assert json.loads(w.get("orders", "/health"))["workers"] == w.run("url", "workers-api").stdout.strip()
        r = w.resources()
        assert r["dispatcher"]["state"] == "Running" and r["dispatcher"]["message"] is None  # it waits no more
        assert r["redis"]["health"] == "Healthy"
        logs = w.run("logs", "dispatcher").stdout
        assert "redis says +PONG" in logs and "dispatching with 2 workers" in logs
        w.run("db", "seed", "demo", check=0)
        assert len(json.loads(w.get("orders"))) == 5
        w.stop()
        assert [c["State"] for c in w.containers()] == ["running"]  # Postgres is Persistent, Redis is not
        # With nothing running, `db` commands still find their database, and leave it as it was.
        assert w.json("db", "status")["applied"] == 2
        assert [c["State"] for c in w.containers()] == ["running"]
        w.start()
        assert len(json.loads(w.get("orders"))) == 5
        w.stop("--all")
        assert w.json("db", "status")["green"]
        assert not [c for c in w.containers() if c["State"] == "running"]


def test_existing_database():
    with Workspace(example="netscript") as server, Workspace(example="existing-database") as w:
        server.start("postgres")
        url = server.run("url", "postgres", "--reveal", check=0).stdout.strip()
        url = url[:url.rindex("/")] + "/postgres"
        w.start("--no-aspire", env={"DATABASE_URL": url})
        assert w.resources()["postgres"]["health"] == "Healthy"
        w.stop()
        status = w.run("db", "status", check=0, env={"DATABASE_URL": url})
        assert "1 applied, 0 pending: up to date" in status.stdout, status.stdout
        assert w.containers() == []


run_tests(globals())
