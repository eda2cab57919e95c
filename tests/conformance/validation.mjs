#!/usr/bin/env node
// Compares acceptance and formatting of schemas with the engine that set the format, on the schemas below
// DIR..., on the same for each of the four providers, and on random changes of them.
//
//     node tests/conformance/validation.mjs --engine MODULES --program PATH [--seed N] [--count N] DIR...
//
// MODULES: a node_modules directory with @prisma/prisma-schema-wasm; PATH: the program conformance_schema.
// Exits 0 when every verdict and every layout is the same, 1 otherwise.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    engine: { type: "string" },
    program: { type: "string" },
    seed: { type: "string", default: "1" },
    count: { type: "string", default: "2000" },
  },
});
const engine = createRequire(path.resolve(values.engine) + "/")("@prisma/prisma-schema-wasm");
const PROVIDERS = ["postgresql", "mysql", "sqlite", "sqlserver"];

let state = Number(values.seed);
function random(below) {
  state = (state * 1103515245 + 12345) & 0x7fffffff;
  return (state >> 8) % below;
}

// The engine's version 7 refuses connection strings, that of version 6 wants them: they are left out.
const withoutUrls = (text) => text.replace(/^(\s*(url|directUrl|shadowDatabaseUrl)\s*=.*)$/gm, "");

function accepts(text) {
  try {
    engine.validate(JSON.stringify({ prismaSchema: [["schema.prisma", text]], noColor: true }));
    return true;
  } catch {
    return false;
  }
}

function format(text) {
  const options = { textDocument: { uri: "file:/schema.prisma" }, options: { tabSize: 2, insertSpaces: true } };
  return JSON.parse(engine.format(JSON.stringify([["schema.prisma", text]]), JSON.stringify(options)))[0][1];
}

function schemas(directory) {
  return fs.readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const child = path.join(directory, entry.name);
    if (entry.isDirectory()) return schemas(child);
    return entry.name.endsWith(".prisma") ? [fs.readFileSync(child, "utf8")] : [];
  });
}

const otherProvider = (text, provider) =>
  text.replace(/provider\s*=\s*"(postgresql|postgres|mysql|sqlite|sqlserver)"/, `provider = "${provider}"`);

const TOKENS = (
  "@id @unique @default(1) @default(now()) @default(autoincrement()) ? [] @db.Text @db.VarChar(10) @ignore @updatedAt " +
  '@relation("x") Int String BigInt DateTime Json Bytes Decimal Float Boolean Unsupported("x") @map("id") @@ignore ' +
  '" ( ) [ ] { } @ @@ , : . - 1 // /// env("X") true'
).split(" ");

function change(text, pool) {
  const lines = text.split("\n");
  for (let i = random(2); i >= 0; i--) {
    const at = random(lines.length);
    const line = lines[at];
    const words = line.split(/(\b)/);
    const letter = random(line.length + 1);
    const other = random(lines.length);
    switch (random(8)) {
      case 0: lines.splice(at, 1); break;
      case 1: lines.splice(at, 0, pool[random(pool.length)]); break;
      case 2: [lines[at], lines[other]] = [lines[other], line]; break;
      case 3: lines.splice(at, 0, line); break;
      case 4: lines[at] = `${line} ${TOKENS[random(TOKENS.length)]}`; break;
      case 5: words[random(words.length)] = ""; lines[at] = words.join(""); break;
      case 6: words[random(words.length)] = TOKENS[random(TOKENS.length)]; lines[at] = words.join(""); break;
      default: lines[at] = line.slice(0, letter) + line.slice(letter + 1);
    }
  }
  return otherProvider(lines.join("\n"), PROVIDERS[random(4)]);
}

const work = fs.mkdtempSync(path.join(os.tmpdir(), "berth-validation-"));
let differences = 0;

function run(mode, texts) {
  const files = texts.map((text, i) => path.join(work, `${String(i).padStart(6, "0")}.prisma`));
  texts.forEach((text, i) => fs.writeFileSync(files[i], text));
  let output = "";
  for (let i = 0; i < files.length; i += 500)
    output += execFileSync(values.program, [mode, ...files.slice(i, i + 500)], { encoding: "utf8" });
  return { files, output };
}

function report(what, texts, same) {
  const different = texts.filter((_, i) => !same[i]);
  differences += different.length;
  console.log(`${what}: ${texts.length} cases, ${different.length} different`);
  different.slice(0, 3).forEach((text) => console.log(`---\n${text}\n---`));
}

function compareVerdicts(what, texts) {
  const verdicts = run("validate", texts).output.trim().split("\n").map((line) => line.startsWith("OK"));
  report(what, texts, texts.map((text, i) => accepts(text) === verdicts[i]));
}

function compareLayout(what, texts) {
  const { files } = run("format", texts);
  const layouts = files.map((file) => fs.readFileSync(`${file}.formatted`, "utf8"));
  report(what, texts, texts.map((text, i) => format(text) === layouts[i]));
}

try {
  const all = positionals.flatMap(schemas);
  if (all.length === 0) throw new Error("no schema found");
  const bare = all.map(withoutUrls);
  const short = bare.filter((text) => text.length < 6000);
  const pool = short.flatMap((text) => text.split("\n")).filter((line) => line.trim() && line.length < 200);
  compareVerdicts("as they are", bare);
  for (const provider of PROVIDERS) compareVerdicts(`for ${provider}`, bare.map((text) => otherProvider(text, provider)));
  const changed = Array.from({ length: Number(values.count) }, () => change(short[random(short.length)], pool));
  compareVerdicts(`changed at random, seed ${values.seed}`, changed);
  compareLayout("layout", all.filter((text) => accepts(withoutUrls(text))));
} finally {
  fs.rmSync(work, { recursive: true });
}
process.exit(differences ? 1 : 0);
