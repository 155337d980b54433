import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { type LoadOptions, loadConfig } from '../../../src/config/load.ts';
import type { LoadedProject } from '../../../src/config/loaded-project.ts';

export interface ProjectFolder {
  /** The project itself; its parent is not the home folder. */
  readonly root: string;
  readonly home: string;
  readonly write: (name: string, text: string) => string;
  readonly load: (options?: Partial<LoadOptions>) => Promise<LoadedProject>;
}

/** A real folder with a home of its own, removed after the test. */
export function projectFolder(files: Readonly<Record<string, string>> = {}): ProjectFolder {
  const base = mkdtempSync(path.join(tmpdir(), 'config-'));
  onTestFinished(() => rmSync(base, { recursive: true, force: true }));
  const root = path.join(base, 'work', 'project');
  const home = path.join(base, 'home');
  mkdirSync(root, { recursive: true });
  mkdirSync(home);
  const write = (name: string, text: string): string => {
    const file = path.join(root, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  };
  for (const [name, text] of Object.entries(files)) write(name, text);
  const load = (options: Partial<LoadOptions> = {}): Promise<LoadedProject> =>
    loadConfig({
      cwd: root,
      signal: new AbortController().signal,
      ...options,
      env: { HOME: home, PATH: process.env.PATH, ...options.env },
    });
  return { root, home, write, load };
}

/** The error of a promise that must fail. */
export async function failure(promise: Promise<unknown>): Promise<{ code: string; message: string; hint: string }> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error && 'code' in error && 'hint' in error) {
      return { code: String(error.code), message: error.message, hint: String(error.hint) };
    }
    throw error;
  }
  throw new Error('nothing failed');
}
