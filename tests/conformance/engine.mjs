// What Prisma's schema engine (WASM) writes for pairs of schemas, for the differential test.
//
//     node engine.mjs PACKAGE LIST
//
// PACKAGE: the directory of @prisma/schema-engine-wasm, version 6.19 or 7. LIST: a file of lines "from TAB to TAB out"; from and to are
// schema files or the word empty. The script goes to `out`; a refusal is written as "!! " and its first line.
import fs from 'node:fs';
import { load, versionOf } from './wasm.mjs';

const [directory, list] = process.argv.slice(2);
const version = versionOf(directory);
const instantiate = load(directory);

// One instance, and a new one after a refusal: a panic leaves the memory, and the glue's views of it, unusable.
let glue = await instantiate();

const ok = (value) => ({ ok: true, value, map: (f) => ok(f(value)), flatMap: (f) => f(value) });

// A driver adapter that is never asked anything: differences between files need no database.
function adapter(provider) {
  const common = { adapterName: 'none', provider, errorRegistry: { consumeError() {} } };
  const connection = {
    ...common,
    queryRaw: async () => ok({ columnNames: [], columnTypes: [], rows: [] }),
    executeRaw: async () => ok(0),
    executeScript: async () => ok(undefined),
    getConnectionInfo: () => ok({ schemaName: 'public', supportsRelationJoins: false }),
    dispose: async () => ok(undefined),
  };
  return { ...common, connect: async () => ok(connection), connectToShadowDb: async () => ok(connection) };
}

// A datasource's url is required in version 6 and refused in 7.
const dialect = (text) => (version.startsWith('6.') ? text : text.replace(/^\s*url\s*=.*\n/gm, ''));
const read = (file) => (file === 'empty' ? null : dialect(fs.readFileSync(file, 'utf8')));
const target = (text) => (text === null ? { tag: 'empty' } : { tag: 'schemaDatamodel', files: [{ path: 'schema.prisma', content: text }] });

async function difference(from, to) {
  const provider = /provider\s*=\s*"sqlite"/.test(to ?? from) ? 'sqlite' : 'postgres';
  const datamodels = to === null ? undefined : [['schema.prisma', to]];
  const engine = await glue.SchemaEngine.new({ datamodels }, () => {}, adapter(provider));
  const filters = { externalTables: [], externalEnums: [] };
  const result = await engine.diff({ from: target(from), to: target(to), script: true, exitCode: null, shadowDatabaseUrl: null, filters });
  return result.stdout;
}

// A panic is not an error of the call but of the whole program: it is caught there and ends the case.
let endCase = () => {};
globalThis.PRISMA_WASM_PANIC_REGISTRY = { set_message() {} };
process.on('uncaughtException', (error) => endCase(`!! panic: ${error.message}`));

async function run(from, to) {
  const panicked = new Promise((resolve) => (endCase = resolve));
  try {
    return await Promise.race([difference(read(from), read(to)), panicked]);
  } catch (error) {
    return '!! ' + String(error?.message ?? error).split('\n')[0];
  }
}

for (const line of fs.readFileSync(list, 'utf8').split('\n').filter(Boolean)) {
  const [from, to, out] = line.split('\t');
  const text = await run(from, to);
  if (text.startsWith('!! ')) glue = await instantiate();
  fs.writeFileSync(out, text);
}
process.exit(0);
