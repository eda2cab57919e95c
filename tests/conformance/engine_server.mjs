// Prisma's schema engine (WASM) on a real database, for the test of interoperation.
//
//     node engine_server.mjs PACKAGE URL SCHEMA
//
// PACKAGE: the directory of @prisma/schema-engine-wasm, version 7. SCHEMA: the file, beside which lies migrations/. Each line of the input is
// ["method", {its parameters}]; the list of migrations, the schema and the filters are added as they are then. Each line of the output is
// {"result": …} or {"error": "…"}.
import fs from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { PrismaLibSql } from '@prisma/adapter-libsql';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import { load } from './wasm.mjs';

const [directory, url, schemaPath] = process.argv.slice(2);
const migrations = path.join(path.dirname(schemaPath), 'migrations');
const filters = { externalTables: [], externalEnums: [] };

const readOr = (file, other) => (fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : other);

function migrationsList() {
  const entries = fs.existsSync(migrations) ? fs.readdirSync(migrations, { withFileTypes: true }) : [];
  return {
    baseDir: migrations,
    lockfile: { path: 'migration_lock.toml', content: readOr(path.join(migrations, 'migration_lock.toml'), null) },
    shadowDbInitScript: '',
    migrationDirectories: entries
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort()
      .map((name) => ({
        path: name,
        migrationFile: {
          path: 'migration.sql',
          content: { tag: 'ok', value: fs.readFileSync(path.join(migrations, name, 'migration.sql'), 'utf8') },
        },
      })),
  };
}

function newFactory() {
  if (url.startsWith('file:')) return new PrismaLibSql({ url });
  // Apart: the adapter puts the name of the shadow database beside these. It drops that before it ends its connections to it; the server
  // waits some seconds for them, and by then they have been idle too long.
  const { hostname, port, username, password, pathname } = new URL(url);
  return new PrismaPg({
    host: hostname,
    port: Number(port),
    user: username,
    password: decodeURIComponent(password),
    database: pathname.slice(1),
    idleTimeoutMillis: 200,
  });
}

// The catalogue's type "char" is unknown to the adapter, and what the engine asks for: for it, it is a character of another type.
const CATALOGUE_CHAR = 18, BPCHAR = 1042;
function teachCatalogueTypes(pool) {
  const query = pool.query.bind(pool);
  pool.query = async (...parameters) => {
    const result = await query(...parameters);
    for (const field of result.fields ?? []) if (field.dataTypeID === CATALOGUE_CHAR) field.dataTypeID = BPCHAR;
    return result;
  };
}

// To its shadow database on SQLite the engine hands a whole script as one statement, of which the adapter would run the first.
function teachScripts(connection) {
  const executeRaw = connection.executeRaw.bind(connection);
  connection.executeRaw = async (query) => (query.args.length > 0 ? executeRaw(query) : (await connection.executeScript(query.sql), 0));
}

// The adapter's factory, and what closes the connections that it made.
function adapter() {
  const factory = newFactory();
  const made = [];
  for (const method of ['connect', 'connectToShadowDb']) {
    const original = factory[method].bind(factory);
    factory[method] = async () => {
      const connection = await original();
      made.push(connection);
      if (connection.provider === 'postgres') teachCatalogueTypes(connection.underlyingDriver());
      else teachScripts(connection);
      return connection;
    };
  }
  const close = () => Promise.allSettled(made.map((connection) => connection.dispose()));
  return { bound: bindMigrationAwareSqlAdapterFactory(factory), close };
}

const glue = await load(directory)();

// A new engine and new connections for each call: another program may have changed the database.
async function call(method, parameters) {
  const text = fs.readFileSync(schemaPath, 'utf8').replace(/^\s*url\s*=.*\n/gm, '');
  const { bound, close } = adapter();
  try {
  const engine = await glue.SchemaEngine.new({ datamodels: [['schema.prisma', text]] }, () => {}, bound);
    const schema = { files: [{ path: 'schema.prisma', content: text }] };
    return await engine[method]({ migrationsList: migrationsList(), schema, filters, ...parameters });
  } finally {
    await close();
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const answer = await call(...JSON.parse(line)).then(
    (result) => ({ result: result ?? null }),
    (error) => ({ error: String(error?.message ?? error) }),
  );
  console.log(JSON.stringify(answer));
}
process.exit(0);
