'use strict';

/**
 * Keeps V8's compiled code of our bundle between runs, which halves the start (figures: `npm run bench`). Node.js 22.8
 * and newer do it themselves; for Node.js 20 the code is stored when the process ends, so that it has the functions
 * that really ran: those of the first few runs of each command. Whatever fails here only costs time.
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
    loaded.push({ file, script, isNew: !cachedData || script.cachedDataRejected });
    const require = (id) => this.require(id);
    return script.runInThisContext().call(this.exports, this.exports, require, this, filename, path.dirname(filename));
  };
  process.once('exit', () => {
    const isEarly = loaded.length > 0 && isEarlyRun(loaded[0].file);
    for (const { file, script, isNew } of loaded) if (isNew || isEarly) write(file, script);
  });
}

const earlyRuns = 3;

/** Whether the command has seldom run with this build; counted in a file with a line for each run. */
function isEarlyRun(entryFile) {
  const command = process.argv.slice(2).find((word) => /^[a-z][a-z-]{1,20}$/.test(word)) || '-';
  try {
    const file = `${entryFile}.runs`;
    const runs = (read(file) || '').toString().split('\n');
    // whatever words people type, the file stays small
    if (runs.length > 200 || runs.filter((run) => run === command).length >= earlyRuns) return false;
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    fs.appendFileSync(file, `${command}\n`);
    return true;
  } catch {
    return false;
  }
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
