import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadConfig } from '../../src/config/load.ts';
import type { Prompt } from '../../src/config/variables/prompt.ts';
import { toPrintShape, withName } from '../../src/config/versions/model.ts';
import { errorText, UserError } from '../../src/core/errors.ts';

/** What became of one file. */
export type Outcome =
  | {
      readonly kind: 'loaded';
      readonly print: Record<string, unknown>;
      readonly profiles: readonly string[];
      readonly warnings: readonly string[];
    }
  /** `code` is missing for anything that is not a message for users, which is always a defect of ours. */
  | { readonly kind: 'failed'; readonly code?: string; readonly message: string };

/** Otherwise than the original was asked. */
export interface Request {
  /** In place of what stands in the file. */
  readonly text?: string;
  readonly profiles?: readonly string[];
  readonly prompt?: Prompt;
}

/** A folder with one project after the other, as the original saw them. */
export interface Workplace {
  readonly load: (file: string, signal: AbortSignal, request?: Request) => Promise<Outcome>;
  readonly close: () => void;
}

/**
 * The surroundings that the expected outputs were made in: a folder named `project`, a git repository with one empty
 * commit on `main`, no terminal, the context `testcluster` and the namespace `default`.
 */
export function openWorkplace(): Workplace {
  const parent = realpathSync(mkdtempSync(path.join(tmpdir(), 'devspace-corpus-')));
  const home = path.join(parent, 'home');
  const project = path.join(parent, 'project');
  mkdirSync(home);
  const env = { PATH: process.env.PATH ?? '', HOME: home };
  // Always the same commit, whose name is not a number by chance.
  const when = { GIT_AUTHOR_DATE: '2024-01-01T00:00:00Z', GIT_COMMITTER_DATE: '2024-01-01T00:00:00Z' };
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: project, env: { ...env, ...when }, encoding: 'utf8' }).trim();
  const begin = (): string => {
    rmSync(project, { recursive: true, force: true });
    rmSync(home, { recursive: true, force: true });
    mkdirSync(home);
    mkdirSync(project);
    git('init', '--quiet', '--initial-branch', 'main');
    git('-c', 'user.name=x', '-c', 'user.email=x@x', 'commit', '--quiet', '--allow-empty', '--message', 'empty');
    return git('rev-parse', 'HEAD');
  };
  const again = (): string => {
    rmSync(path.join(project, '.devspace'), { recursive: true, force: true });
    return git('rev-parse', 'HEAD');
  };
  return {
    async load(file, signal, request) {
      const commit = request && existsSync(project) ? again() : begin();
      const copy = path.join(project, nameInProject(file));
      if (request?.text === undefined) copyFileSync(file, copy);
      else writeFileSync(copy, request.text);
      try {
        const { model, profiles, warnings } = await loadConfig({
          cwd: project,
          env,
          scripts: request ? 'kept' : 'filled',
          profiles: request?.profiles,
          prompt: request?.prompt,
          facts: {
            kubeContext: () => Promise.resolve('testcluster'),
            namespace: () => Promise.resolve('default'),
            version: '6.3.21',
          },
          signal,
        });
        const print = toPrintShape(withName(model, project));
        return {
          kind: 'loaded',
          print: withPlaceholders(print, { project, home, parent, commit }),
          profiles: profiles.map(({ name }) => name),
          warnings,
        };
      } catch (error) {
        const message = errorText(error);
        return error instanceof UserError ? { kind: 'failed', code: error.code, message } : { kind: 'failed', message };
      }
    },
    close: () => rmSync(parent, { recursive: true, force: true }),
  };
}

/** Named configurations have a file name of their own; everything else was tried as `devspace.yaml`. */
const nameInProject = (file: string): string =>
  /devspace-configs(@[0-9a-f]+)?\.yaml$/.test(file) ? 'devspace-configs.yaml' : 'devspace.yaml';

interface Surroundings {
  readonly project: string;
  readonly home: string;
  readonly parent: string;
  readonly commit: string;
}

/** What differs from machine to machine, as the corpus writes it. */
function withPlaceholders(print: Record<string, unknown>, around: Surroundings): Record<string, unknown> {
  const text = JSON.stringify(print)
    .replaceAll(around.project, '<project>')
    .replaceAll(around.home, '<home>')
    .replaceAll(around.parent, '<parent>')
    .replaceAll(around.commit.slice(0, 8), '<commit>')
    .replaceAll(around.commit.slice(0, 7), '<commit>');
  return JSON.parse(text) as Record<string, unknown>;
}
