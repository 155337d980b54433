import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Makes a fresh clone ready: installs the packages of the lockfile and bundles the sources, each only if something
 * changed. Needs nothing but Node.js and npm. `npm start` and `npm test` begin with it.
 */
const root = path.resolve(import.meta.dirname, '..');
const marks = path.join(root, 'node_modules', '.devspace-set-up');

const lockfile = hashOf(['package-lock.json', 'package.json']);
if (markOf('install') !== lockfile) {
  run('Installing packages', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  mark('install', lockfile);
}
const sources = hashOf([...filesBelow('src'), 'package.json', '.config/rolldown.config.mjs', 'tsconfig.json']);
if (markOf('build') !== sources || !existsSync(path.join(root, 'dist', 'main.cjs'))) {
  run('Bundling', ['run', '--silent', 'build']);
  mark('build', sources);
}

function run(title, args) {
  process.stderr.write(`${title} …\n`);
  const startedAt = Date.now();
  // npm is a script on every system; its own path is known when npm started us
  const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm'];
  const { status } = spawnSync(npm[0], [...npm.slice(1), ...args], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) {
    process.stderr.write(`${title} failed.\n`);
    process.exit(status ?? 1);
  }
  process.stderr.write(`${title}: ${((Date.now() - startedAt) / 1000).toFixed(1)} s\n`);
}

function filesBelow(folder) {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(folder, name))
    .filter((name) => statSync(path.join(root, name)).isFile())
    .sort();
}

function hashOf(files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${file}\0`).update(readFileSync(path.join(root, file)));
  return hash.digest('hex');
}

function markOf(name) {
  try {
    return readFileSync(path.join(marks, name), 'utf8');
  } catch {
    return undefined;
  }
}

function mark(name, value) {
  mkdirSync(marks, { recursive: true });
  writeFileSync(path.join(marks, name), value);
}
