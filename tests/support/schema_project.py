"""A workspace with a schema, for `berth db init|migrate`; the database is named by --url."""
import json

from support.workspace import Workspace

USER = """
model User {
  id    Int    @id @default(autoincrement())
  email String @unique
  ORDERS
}
"""
ORDER = """
model Order {
  id     Int      @id @default(autoincrement())
  total  Decimal  @default(0)
  at     DateTime @default(now())
  userId Int?
  user   User?    @relation(fields: [userId], references: [id])
}
"""


class SchemaProject(Workspace):
    """database/<engine>/ with a schema; `url` is a property of the subclass."""
    engine = provider = None

    def __init__(self, models=USER):
        super().__init__()
        self.schema(models)

    def schema(self, *models, fields=""):
        """The schema's models; ORDERS in them becomes the fields."""
        text = f'datasource db {{\n  provider = "{self.provider}"\n  url = env("DATABASE_URL")\n}}\n' + "".join(models)
        self.write(f"database/{self.engine}/schema.prisma", text.replace("ORDERS", fields))

    @property
    def migrations_path(self):
        return self.root / f"database/{self.engine}/migrations"

    def migrations(self):
        """The directories' names, in order."""
        return sorted(p.name for p in self.migrations_path.iterdir() if p.is_dir()) if self.migrations_path.exists() else []

    def slugs(self):
        return [name.split("_", 1)[1] for name in self.migrations()]

    def script(self, name):
        return (self.migrations_path / name / "migration.sql").read_text()

    def add_migration(self, name, sql):
        self.write(f"database/{self.engine}/migrations/{name}/migration.sql", sql)

    def db(self, *args, check=None, url=None, env=None):
        return self.run("db", *args, "--url", url or self.url, check=check, env=env)

    def says(self, *texts, args=("migrate",), check=1, **options):
        run = self.db(*args, check=check, **options)
        for text in texts:
            assert text in run.stdout + run.stderr, f"{text!r} was not said:\n{run.stdout}{run.stderr}"
        assert "reset" not in run.stdout + run.stderr, "nobody is told to reset a database"
        return run

    def states(self):
        return {m["name"]: m["state"] for m in json.loads(self.db("status", "--json").stdout)["migrations"]}
