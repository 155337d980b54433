import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { UserError } from '../../../src/core/errors.ts';

const fixtures = path.resolve(import.meta.dirname, '../../fixtures/config/broken');

/** Each file says itself what is wrong: `# !! part of the message` ends the line that the message must name. */
const marker = '# !! ';

interface BrokenFile {
  readonly name: string;
  readonly line: number;
  /** `yaml-any`: the parser's own words. */
  readonly part: string;
}

const files: BrokenFile[] = readdirSync(fixtures).map((name) => {
  const lines = readFileSync(path.join(fixtures, name), 'utf8').split('\n');
  const index = lines.findIndex((line) => line.includes(marker));
  return { name, line: index + 1, part: lines[index]?.split(marker)[1] ?? '' };
});

describe('files that people broke', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'broken-'));
  });

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  test('there are more than 100, each with one marker', () => {
    expect(files.length).toBeGreaterThan(100);
    expect(files.filter(({ line, part }) => line === 0 || part === '')).toEqual([]);
  });

  test.each(files)('$name: line $line, $part', async ({ name, line, part }) => {
    const { message, isRefused } = await messageFor(folder, name);
    expect(isRefused, message).toBe(!lenient.test(name));
    const heads = message.split('\n').filter((text) => text.startsWith(`devspace.yaml:${String(line)}:`));
    expect(heads, message).not.toEqual([]);
    expect(
      heads.some((head) => part === 'yaml-any' || head.includes(part)),
      message,
    ).toBe(true);
    expect(message).not.toMatch(/\n\s+at |\[object|undefined|TypeError|TSchema|NaN/);
  });
});

async function messageFor(folder: string, name: string): Promise<{ message: string; isRefused: boolean }> {
  const project = path.join(folder, path.basename(name, '.yaml'));
  mkdirSync(project);
  copyFileSync(path.join(fixtures, name), path.join(project, 'devspace.yaml'));
  const env = { HOME: path.join(folder, 'home') };
  try {
    const { warnings } = await loadConfig({ cwd: project, env, signal: AbortSignal.timeout(10_000) });
    return { message: warnings.join('\n'), isRefused: false };
  } catch (failure) {
    if (!(failure instanceof UserError)) throw failure;
    expect(failure.code).toBe('CONFIG_INVALID');
    expect(failure.exitCode).toBe(2);
    return { message: failure.message, isRefused: true };
  }
}

/** Mistakes that DevSpace 6 lets pass when it loads the file, so that these are warnings. */
const lenient = /^(dev-env-without-name|dev-port-|dev-sync-compare-by|name-list|pipelines-flag-type)/;
