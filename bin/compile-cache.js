'use strict';

/**
 * Keeps V8's compiled code of our bundle between runs, which halves the start (figures: `npm run bench`). Node.js 22.8
 * and newer do it themselves; for Node.js 20 the code is stored when the process ends, so that it has the functions
 * that really ran. Whatever fails here only costs time.
 */
const Module = require('node:module');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const vm = require('node:vm');

const dist = path.join(__dirname, '..', 'dist') + path.sep;
const { XDG_CACHE_HOME, HOME, DEVSPACE_NO_COMPILE_CACHE } = process.env;
const folder = path.join(XDG_CACHE_HOME || path.join(HOME || os.homedir(), '.cache'), 'devspace', 'compiled');

if (!DEVSPACE_NO_COMPILE_CACHE) {
  if (Module.enableCompileCache) Module.enableCompileCache(folder);
  else keepCompiledCode();
}

function keepCompiledCode() {
  const loaded = [];
  const compile = Module.prototype._compile;
  Module.prototype._compile = function (content, filename) {
    if (!filename.startsWith(dist)) return compile.call(this, content, filename);
    const file = cacheFile(filename, content);
    const cachedData = read(file);
    const script = new vm.Script(Module.wrap(content), {
      filename,
      cachedData,
      importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    });
    if (!cachedData || script.cachedDataRejected) loaded.push({ file, script });
    const require = (id) => this.require(id);
    return script.runInThisContext().call(this.exports, this.exports, require, this, filename, path.dirname(filename));
  };
  process.once('exit', () => {
    for (const { file, script } of loaded) write(file, script);
  });
}

/** Chunk names carry a hash of their content; the size tells entry files of different builds apart. */
function cacheFile(filename, content) {
  const { mtimeMs } = fs.statSync(filename);
  const key = `${path.basename(filename)}-${content.length}-${Math.round(mtimeMs)}-${process.version}-${process.arch}`;
  return path.join(folder, key);
}

function read(file) {
  try {
    return fs.readFileSync(file);
  } catch {
    return undefined;
  }
}

function write(file, script) {
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    const temporary = `${file}.${process.pid}`;
    fs.writeFileSync(temporary, script.createCachedData());
    fs.renameSync(temporary, file);
  } catch {
    // a read-only home is no reason to fail
  }
}
