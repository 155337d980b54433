import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { startCli } from '../helpers/run-cli.ts';
import { tempFolder, writeFiles } from '../helpers/temp-folder.ts';

const project = (name: string, dependencies: Readonly<Record<string, object>> = {}): string =>
  JSON.stringify({ version: 'v2beta1', name, dependencies });

/** A folder with a repository of projects, and a project that depends on something. */
function bench(
  dependencies: (origin: string) => Readonly<Record<string, object>>,
  repository: Record<string, string> = {},
) {
  const folder = tempFolder();
  const origin = path.join(folder, 'origin');
  writeFiles(origin, { 'devspace.yaml': project('lib'), ...repository });
  for (const args of [
    ['init', '-q', '-b', 'main'],
    ['add', '.'],
    ['commit', '-qm', 'first'],
  ]) {
    const author = ['-c', 'user.name=a', '-c', 'user.email=a@example.com'];
    const { status, stderr } = spawnSync('git', ['-C', origin, ...author, ...args], { encoding: 'utf8' });
    expect(status, stderr).toBe(0);
  }
  const cwd = path.join(folder, 'app');
  writeFiles(cwd, { 'devspace.yaml': project('app', dependencies(`file://${origin}`)) });
  const trace = path.join(folder, 'git.log');
  const build = (env: Record<string, string> = {}) =>
    startCli(['build'], { cwd, env: { GIT_TRACE: trace, ...env } }).result;
  const clones = path.join(cwd, 'home', '.devspace', 'dependencies');
  return {
    origin,
    build,
    /** What is in the folder of clones. */
    kept: () => (existsSync(clones) ? readdirSync(clones) : []),
    fetches: () => readFileSync(trace, 'utf8').match(/trace: built-in: git (clone|pull|fetch) /g) ?? [],
  };
}

const onlyFrom = (git: string) => ({ lib: { git } });

describe('C04', () => {
  test('a circle is named, and ends nothing', async () => {
    const { build } = bench(() => ({ lib: { path: '../origin' } }), {
      'devspace.yaml': project('lib', { app: { path: '../app' } }),
    });
    const { code, stdout, stderr } = await build();
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toContain('the dependencies go in a circle (app → lib → app); app is not deployed again');
  });

  test('a branch that is missing is named, and nothing half-made stays', async () => {
    const { build, kept } = bench((git) => ({ lib: { git, branch: 'nowhere' } }));
    const { code, stdout, stderr } = await build();
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(
      /The repository file:\S+ cannot be cloned: Remote branch nowhere not found[^]*\[CONFIG_IMPORT\]/,
    );
    expect(stderr).toContain('→');
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(kept()).toEqual([]);
  });

  test('without git, it is named as what is missing', async () => {
    const { build, kept } = bench(onlyFrom);
    const empty = tempFolder();
    const { code, stderr } = await build({ PATH: empty });
    expect(code).toBe(2);
    expect(stderr).toContain('the program git is not installed');
    expect(stderr).toMatch(/\[CONFIG_IMPORT\]\n {2}→ Install git/);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(kept()).toEqual([]);
  });

  test('offline the earlier clone is used, with a warning; without one it is an error', async () => {
    const { build, kept, origin } = bench(onlyFrom);
    expect((await build()).code).toBe(0);
    const clones = kept();
    expect(clones).toHaveLength(1);
    renameSync(origin, `${origin}.gone`);
    const offline = await build();
    expect(offline.code, offline.stderr).toBe(0);
    expect(offline.stderr).toMatch(
      /warn {2}Dependency lib: \S+ cannot be brought up to date, the earlier clone is used: /,
    );
    expect(kept()).toEqual(clones);
    const fresh = bench(onlyFrom);
    rmSync(fresh.origin, { recursive: true });
    const { code, stderr } = await fresh.build();
    expect(code).toBe(2);
    expect(stderr).toMatch(/cannot be cloned[^]*\[CONFIG_IMPORT\]/);
    expect(fresh.kept()).toEqual([]);
  });

  test('one repository that is named eight times, also by a dependency, is fetched once in each run', async () => {
    const names = Array.from({ length: 7 }, (_, index) => `part${index}`);
    const files = Object.fromEntries(names.map((name) => [`${name}/devspace.yaml`, project(name)]));
    const { build, fetches, kept, origin } = bench(
      (git) => ({
        ...Object.fromEntries(names.map((name) => [name, { git, subPath: name }])),
        near: { path: '../near' },
      }),
      files,
    );
    writeFiles(path.join(origin, '..', 'near'), {
      'devspace.yaml': project('near', { lib: { git: `file://${origin}` } }),
    });
    const first = await build();
    expect(first.code, first.stderr).toBe(0);
    expect(fetches()).toHaveLength(1);
    expect(kept()).toHaveLength(1);
    await build();
    expect(fetches().filter((command) => command.includes(' clone ') || command.includes(' pull '))).toHaveLength(2);
  });
});
