import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { onTestFinished } from 'vitest';
import { type Io, run } from '../../../src/cli/main.ts';

export interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Place {
  readonly root: string;
  readonly home: string;
  write(name: string, text: string): string;
  read(name: string): string;
  has(name: string): boolean;
  /** One command line, run in this process without a terminal. */
  devspace(...words: string[]): Promise<Ran>;
  /** The same with variables of the environment. */
  devspaceWith(env: Record<string, string>, ...words: string[]): Promise<Ran>;
}

/** A real project folder with a home of its own, removed after the test. */
export function place(files: Readonly<Record<string, string>> = {}): Place {
  const base = mkdtempSync(path.join(tmpdir(), 'devspace-cli-'));
  onTestFinished(() => rmSync(base, { recursive: true, force: true }));
  const root = path.join(base, 'project');
  const home = path.join(base, 'home');
  mkdirSync(root);
  mkdirSync(home);
  const write = (name: string, text: string): string => {
    const file = path.join(root, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  };
  for (const [name, text] of Object.entries(files)) write(name, text);
  const devspaceWith = (env: Record<string, string>, ...words: string[]): Promise<Ran> =>
    runCaptured(words, { cwd: root, env: { PATH: process.env['PATH'], HOME: home, ...env } });
  return {
    root,
    home,
    write,
    read: (name) => readFileSync(path.join(root, name), 'utf8'),
    has: (name) => existsSync(path.join(root, name)),
    devspaceWith,
    devspace: (...words) => devspaceWith({}, ...words),
  };
}

async function runCaptured(words: readonly string[], world: Pick<Io, 'cwd' | 'env'>): Promise<Ran> {
  const stdin = new PassThrough();
  stdin.end();
  const stdout = captured();
  const stderr = captured();
  const io = { stdin, stdout: stdout.stream, stderr: stderr.stream, ...world } as unknown as Io;
  const exitCode = await run(words, io);
  return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
}

function captured(): { readonly stream: PassThrough; text(): string } {
  const stream = new PassThrough();
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return { stream, text: () => Buffer.concat(chunks).toString('utf8') };
}
