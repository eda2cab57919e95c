#!/usr/bin/env node
// Compares acceptance and formatting of schemas with the engine that set the format, on the schemas below
// DIR..., on the same for each of the four providers, and on random changes of them.
//
//     node tests/conformance/validation.mjs --engine MODULES --program PATH [--seed N] [--count N] [--keep KEPT] DIR...
//
// MODULES: a node_modules directory with @prisma/prisma-schema-wasm; PATH: the program conformance_schema;
// KEPT: a directory for the schemas that make a difference, which are printed otherwise.
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
    keep: { type: "string" },
  },
});
const engine = createRequire(path.resolve(values.engine) + "/")("@prisma/prisma-schema-wasm");
const SHOWN = 20;
const PROVIDERS = ["postgresql", "mysql", "sqlite", "sqlserver"];

let state = Number(values.seed);
function random(below) {
  state = (state * 1103515245 + 12345) & 0x7fffffff;
  return (state >> 8) % below;
}

// The engine's version 7 refuses connection strings, that of version 6 wants them: they are left out.
const withoutUrls = (text) => text.replace(/^(\s*(url|directUrl|shadowDatabaseUrl)\s*=.*)$/gm, "");

// What the engine has to say against a schema; "": nothing.
function complaint(text) {
  try {
    engine.validate(JSON.stringify({ prismaSchema: [["schema.prisma", text]], noColor: true }));
    return "";
  } catch (error) {
    return error.message;
  }
}

// Refused on purpose (docs/sql-differences.md): a block on one line, of which the engine ignores what stands behind the brace.
const isOnOneLine = (text) => /^\s*\w+\s+\w+\s*\{[^/\n]*\}/m.test(text);

const accepts = (text) => complaint(text) === "";

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

function report(what, texts, difference) {
  const found = texts.flatMap((text, i) => {
    const told = difference(text, i);
    return told ? [{ text, told }] : [];
  });
  console.log(`${what}: ${texts.length} cases, ${found.length} different`);
  for (const { text, told } of found.slice(0, SHOWN)) {
    console.log(`  case ${differences}: ${told}`);
    if (values.keep) fs.writeFileSync(path.join(values.keep, `${differences}.prisma`), text);
    else console.log(`---\n${text}\n---`);
    differences++;
  }
  differences += Math.max(0, found.length - SHOWN);
}

function compareVerdicts(what, texts) {
  const verdicts = run("validate", texts).output.trim().split("\n").map((line) => line.startsWith("OK"));
  report(what, texts, (text, i) => accepts(text) !== verdicts[i] && `accepted by ${verdicts[i] ? "berth" : "the engine"} only`);
}

// Where berth lays out differently on purpose (docs/sql-differences.md): both layouts without what differs for
// that reason, or null.
const KNOWN_LAYOUTS = [
  // The name of a relation whose other side is added is added with it.
  (layout) => layout.replace(/ *@relation\("[^"]*"\)/g, "").replace(/@relation\("[^"]*", /g, "@relation("),
  // A comment behind an opening brace is kept, as the block's first line.
  (layout, text) =>
    [...text.matchAll(/^[^"\n]*\{[ \t]*(\/\/.*?)[ \t]*$/gm)]
      .reduce((rest, [, comment]) => rest.replace(`  ${comment}\n`, ""), layout),
  // What stands behind a closing brace gets a blank line before it, as it would when formatted again.
  (layout, text) => (/^[ \t]*\}[ \t]*[^\s]/m.test(text) ? layout.replace(/^\}\n\n/gm, "}\n") : layout),
];

// Without mistakes, but for relations that a formatter completes: what it makes of any other text is a matter of taste.
const isWhole = (text) => complaint(text).split(/error: /).slice(1).every((mistake) => /missing an opposite relation field/.test(mistake));

function sameLayout(expected, got, text) {
  const simplify = (layout) => KNOWN_LAYOUTS.reduce((simpler, rule) => rule(simpler, text), layout);
  return expected === got || simplify(expected) === simplify(got);
}

function compareLayout(what, texts) {
  const { files } = run("format", texts);
  report(what, texts, (text, i) => {
    const layouts = [format(text), fs.readFileSync(`${files[i]}.formatted`, "utf8")];
    if (sameLayout(...layouts, text)) return "";
    const [expected, got] = layouts.map((layout) => layout.split("\n"));
    const line = Array.from({ length: Math.max(expected.length, got.length) }, (_, at) => at)
      .find((at) => expected[at] !== got[at]);
    return `line ${line + 1} is "${got[line]}", not "${expected[line]}"`;
  });
}

try {
  const all = positionals.flatMap(schemas);
  if (all.length === 0) throw new Error("no schema found");
  const bare = all.map(withoutUrls);
  const short = bare.filter((text) => text.length < 6000);
  const pool = short.flatMap((text) => text.split("\n")).filter((line) => line.trim() && line.length < 200);
  compareVerdicts("as they are", bare);
  for (const provider of PROVIDERS) compareVerdicts(`for ${provider}`, bare.map((text) => otherProvider(text, provider)));
  const changed = Array.from({ length: Number(values.count) }, () => change(short[random(short.length)], pool))
    .filter((text) => !isOnOneLine(text));
  compareVerdicts(`changed at random, seed ${values.seed}`, changed);
  compareLayout("layout", all);
  compareLayout(`layout, changed at random, seed ${values.seed}`, changed.filter(isWhole));
} finally {
  fs.rmSync(work, { recursive: true });
}
process.exitCode = differences ? 1 : 0;
