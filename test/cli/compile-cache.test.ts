import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { startCli } from '../helpers/run-cli.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

const isOurs = process.versions.node.startsWith('20.');

test.runIf(isOurs)(
  'the code of a command is kept although another command ran first, and not without end',
  async () => {
    const cwd = tempFolder();
    const folder = path.join(cwd, 'cache', 'devspace', 'compiled');
    const env = { XDG_CACHE_HOME: path.join(cwd, 'cache'), DEVSPACE_NO_COMPILE_CACHE: '' };
    const run = (...argv: string[]) => startCli(argv, { cwd, env }).result;
    const entry = () => path.join(folder, readdirSync(folder).find((name) => /^main\.cjs.*[^s]$/.test(name)) ?? '');

    expect((await run('--help')).code).toBe(0);
    const first = statSync(entry());
    expect((await run('list', 'vars')).code).not.toBe(0);
    const second = statSync(entry());
    expect(second.size).toBeGreaterThan(first.size);

    for (let runs = 0; runs < 3; runs += 1) await run('list', 'vars');
    const { mtimeMs } = statSync(entry());
    await run('list', 'vars');
    expect(statSync(entry()).mtimeMs).toBe(mtimeMs);
    expect(readFileSync(`${entry()}.runs`, 'utf8')).toBe('-\nlist\nlist\nlist\n');
  },
);
