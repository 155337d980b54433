import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { recordingLog } from '../helpers/recording-log.ts';
import { startHere } from './sync-runs.ts';

export interface ReadsReport {
  readonly reads: number;
  /** Different versions that were seen. */
  readonly versions: number;
  readonly torn: number;
  readonly missing: number;
}

/** Reads a file again and again until it has read it so often, and tells what it saw. */
const reader = `
const { readFileSync } = require('node:fs');
const { parentPort, workerData: { file, reads } } = require('node:worker_threads');
const versions = new Set();
let [torn, missing] = [0, 0];
for (let count = 0; count < reads; count += 1) {
  try {
    const content = readFileSync(file, 'latin1');
    if (content !== content.slice(0, 1).repeat(60000)) torn += 1;
    else versions.add(content.slice(0, 1));
  } catch {
    missing += 1;
  }
}
parentPort.postMessage({ reads, versions: versions.size, torn, missing });
`;

/** Somebody writes a file on one side all the time, while somebody else reads it on the other side. */
export async function runSyncReads(options: {
  readonly from: 'local' | 'remote';
  readonly reads: number;
  readonly shell: readonly string[];
}): Promise<ReadsReport> {
  const { from, reads, shell } = options;
  const folder = mkdtempSync(path.join(tmpdir(), 'devspace-reads-'));
  const folders = { local: path.join(folder, 'local'), remote: path.join(folder, 'remote') };
  const state = path.join(folder, 'state');
  for (const made of [folders.local, folders.remote, state]) mkdirSync(made);
  const [written, read] = from === 'local' ? [folders.local, folders.remote] : [folders.remote, folders.local];
  const letters = 'abcdefghijklmnopqrstuvwxyz';
  let turn = 0;
  const write = () => {
    turn += 1;
    // in one step, since a half-written source is a version of its own
    const temporary = path.join(folder, 'temporary');
    writeFileSync(temporary, (letters[turn % letters.length] ?? '').repeat(60_000));
    renameSync(temporary, path.join(written, 'file'));
  };
  write();
  writeFileSync(path.join(written, 'stays'), 'x');
  const run = startHere({ ...folders, state, shell }, recordingLog());
  try {
    await run.ready;
    const worker = new Worker(reader, { eval: true, workerData: { file: path.join(read, 'file'), reads } });
    const writing = setInterval(write, 30);
    try {
      return await new Promise<ReadsReport>((resolve, reject) => {
        worker.once('message', resolve);
        worker.once('error', reject);
      });
    } finally {
      clearInterval(writing);
      await worker.terminate();
    }
  } finally {
    await run.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
