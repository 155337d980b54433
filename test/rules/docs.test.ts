import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { generatedPages, visibleCommands } from '../../.config/generate-docs.ts';
import { readHouse } from '../../.config/read-house.ts';
import { loadConfig } from '../../src/config/load.ts';
import { errorCodes } from '../../src/core/error-codes.ts';

const root = path.resolve(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

const pages = [
  'README.md',
  ...readdirSync(path.join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md') && !file.includes('node_modules'))
    .map((file) => `docs/${file.split(path.sep).join('/')}`),
];

const generated = await generatedPages();
const commands = visibleCommands();

describe('generated pages', () => {
  test.each([...generated])('%s is up to date (npm run generate:docs)', (file, text) => {
    expect(read(file)).toBe(text);
  });

  test.each(Object.keys(errorCodes))('docs/errors.md has %s', (code) => {
    expect(read('docs/errors.md')).toContain(`\n## ${code}\n`);
  });

  test.each(commands.map(({ name }) => name))('docs/commands.md has devspace %s', (name) => {
    expect(read('docs/commands.md')).toContain(`\n## devspace ${name}\n`);
  });
});

describe('docs/architecture.md', () => {
  const page = read('docs/architecture.md');

  test('knows every folder of src, and only those', () => {
    const folders = readdirSync(path.join(root, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const planned = [...readHouse(root).keys()];
    expect(folders.map(({ name }) => name).filter((name) => !planned.includes(name))).toEqual([]);
    expect(planned.filter((name) => !page.includes(`| \`${name}\` |`))).toEqual([]);
  });

  test('names no path that does not exist', () => {
    expect(pathsIn(page).length).toBeGreaterThan(20);
    expect(pathsIn(page).filter((file) => !existsSync(path.join(root, file)))).toEqual([]);
  });
});

test.each(pages.filter((file) => file.startsWith('docs/decisions/')))(
  '%s names no path that does not exist',
  (file) => {
    const gone = pathsIn(read(file)).filter((name) => !existsSync(path.join(root, name)));
    expect(gone).toEqual([]);
  },
);

test.each(pages)('every link of %s leads somewhere', (file) => {
  const links = [...withoutCode(read(file)).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? '');
  const broken = links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [target = '', anchor] = link.split('#');
    const absolute = target === '' ? path.join(root, file) : path.resolve(root, path.dirname(file), target);
    return !existsSync(absolute) || (anchor !== undefined && !anchorsOf(absolute).includes(anchor));
  });
  expect(broken).toEqual([]);
});

describe('every configuration in a page', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'devspace-docs-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const blocks = pages.flatMap((file) =>
    [...read(file).matchAll(/```ya?ml\n([\s\S]*?)```/g)]
      .map((match) => match[1] ?? '')
      .filter((text) => /^version:/m.test(text))
      .map((text, index) => ({ file, index: index + 1, text })),
  );

  test('is looked at', () => expect(blocks.length).toBeGreaterThan(4));

  test.each(blocks)('$file, block $index loads without a warning', async ({ text }) => {
    writeFileSync(path.join(folder, 'devspace.yaml'), text);
    const { signal } = new AbortController();
    const loaded = await loadConfig({
      cwd: folder,
      env: { HOME: path.join(folder, 'home') },
      prompt: undefined,
      signal,
    });
    expect(loaded.warnings).toEqual([]);
  });
});

test('every command line of ours in a page has a known command and known flags', () => {
  const known = new Map(
    commands.map(({ name, command }) => [name, command.options.map(({ flags }) => flags).join(' ')]),
  );
  const globals = read('docs/commands.md').split('## Flags of every command')[1] ?? '';
  const lines = pages.flatMap((file) =>
    [...read(file).matchAll(/```sh\n([\s\S]*?)```/g)].flatMap((match) =>
      [...(match[1] ?? '').replace(/ #.*/g, '').matchAll(/(?<![\w-])devspace ([^#\n|;<>&)]*)/g)].map((line) => ({
        file,
        line: line[1] ?? '',
      })),
    ),
  );
  expect(lines.length).toBeGreaterThan(20);
  const wrong = lines.filter(({ line }) => {
    // a global flag and its value may stand before the command
    const all = line
      .trim()
      .replace(/^(-\S+ \S+ )+/, '')
      .split(/\s+/);
    const name = [all.slice(0, 2).join(' '), all[0] ?? ''].find((entry) => known.has(entry)) ?? '';
    const words = all.slice(name.split(' ').length);
    // what follows the name of a command of the project is its own
    const end = name === 'run' ? 1 : words.indexOf('--');
    const flags = (end < 0 ? words : words.slice(0, end)).filter((word) => word.startsWith('-'));
    const allowed = `${known.get(name) ?? ''} ${globals}`;
    return !known.has(name) || flags.some((flag) => !allowed.includes(flag.split('=')[0] ?? ''));
  });
  expect(wrong).toEqual([]);
});

/** Words in backticks that are paths of this repository; a star or a capital word stands for something to fill in. */
function pathsIn(page: string): string[] {
  const paths = /`((?:src|bin|test|docs|\.config)\/[^`\s]*)`/g;
  return [...page.matchAll(paths)].map((match) => match[1] ?? '').filter((file) => !/[*A-Z]/.test(file));
}

function anchorsOf(file: string): string[] {
  return [...withoutCode(readFileSync(file, 'utf8')).matchAll(/^#+ (.*)$/gm)].map((match) =>
    (match[1] ?? '')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  );
}

const withoutCode = (page: string): string => page.replace(/```[\s\S]*?```/g, '');
