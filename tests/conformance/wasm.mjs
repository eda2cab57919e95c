// Prisma's schema engine as a module of WebAssembly, without its package's own loader: that one wants a flag of node.
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

// The version of the package in the directory.
export function versionOf(directory) {
  return JSON.parse(fs.readFileSync(path.join(directory, 'package.json'))).version;
}

// A function that makes a new instance of the engine in that directory: the glue, with the class SchemaEngine.
export function load(directory) {
  const module = new WebAssembly.Module(fs.readFileSync(path.join(directory, 'schema_engine_bg.wasm')));
  let generation = 0;
  return async () => {
    const glue = await import(`${pathToFileURL(path.join(directory, 'schema_engine_bg.js'))}?${generation++}`);
    const instance = new WebAssembly.Instance(module, { './schema_engine_bg.js': glue });
    glue.__wbg_set_wasm(instance.exports);
    instance.exports.__wbindgen_start();
    return glue;
  };
}
