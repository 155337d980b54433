import { chmodSync, cpSync, mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { unpackEntries } from '../../../src/archive/unpack.ts';
import { contentKey, packContext, planContext, readDockerfile } from '../../../src/build/context.ts';
import type { ImageConfig } from '../../../src/config/types.ts';
import { thrownBy } from '../../helpers/error-of.ts';
import { imageConfigOf } from '../../helpers/image-config.ts';
import { tempFolder, writeFiles } from '../../helpers/temp-folder.ts';

const imageIn = (folder: string, more: Partial<ImageConfig> = {}): ImageConfig =>
  imageConfigOf(folder, { name: 'app', image: 'localhost:5000/me/app', ...more });

const dockerfile = 'FROM scratch\n';

/** What the engine gets: names of the archive with their content. */
async function archiveOf(image: ImageConfig, override?: string): Promise<Record<string, string>> {
  const onDisk = readDockerfile(image);
  const files: Record<string, string> = {};
  await unpackEntries(packContext(planContext(image, override ?? onDisk, onDisk)), {
    refuse: ({ name }) => {
      throw new Error(`${name} is no good name`);
    },
    receive: async ({ name, type, content, target }) => {
      let text = '';
      for await (const chunk of content as AsyncIterable<Buffer>) text += chunk.toString();
      files[type === 'directory' ? `${name}/` : name] = type === 'symlink' ? `→ ${target}` : text;
    },
    signal: new AbortController().signal,
  });
  return files;
}

describe('the archive', () => {
  test('has files, empty folders and links, and nothing of ours', async () => {
    const folder = tempFolder();
    writeFiles(folder, { Dockerfile: dockerfile, 'src/a.js': 'a', '.devspace/dev.lock': 'x' });
    mkdirSync(path.join(folder, 'empty'));
    symlinkSync('src/a.js', path.join(folder, 'link'));
    expect(await archiveOf(imageIn(folder))).toEqual({
      Dockerfile: dockerfile,
      'empty/': '',
      link: '→ src/a.js',
      'src/': '',
      'src/a.js': 'a',
    });
  });

  test('follows .dockerignore, with what is included again', async () => {
    const folder = tempFolder();
    writeFiles(folder, {
      Dockerfile: dockerfile,
      '.dockerignore': '# comment\nnode_modules\n*.md\n!README.md\n**/*.log\ndist/*\n!dist/keep.js\r\n',
      'node_modules/x/y': '',
      'README.md': 'r',
      'NOTES.md': 'n',
      'a/b/c.log': '',
      'a/b/c.txt': 't',
      'dist/keep.js': 'k',
      'dist/drop.js': 'd',
    });
    const names = Object.keys(await archiveOf(imageIn(folder))).filter((name) => !name.endsWith('/'));
    expect(names).toEqual(['.dockerignore', 'Dockerfile', 'README.md', 'a/b/c.txt', 'dist/keep.js']);
  });

  test('includes a file again below a folder that is left out', async () => {
    const folder = tempFolder();
    writeFiles(folder, {
      Dockerfile: dockerfile,
      '.dockerignore': 'data\n!data/deep/one',
      'data/deep/one': '1',
      'data/two': '2',
    });
    const names = Object.keys(await archiveOf(imageIn(folder))).filter((name) => !name.endsWith('/'));
    expect(names).toEqual(['.dockerignore', 'Dockerfile', 'data/deep/one']);
  });

  test('has the Dockerfile even where .dockerignore leaves it out', async () => {
    const folder = tempFolder();
    writeFiles(folder, { Dockerfile: dockerfile, '.dockerignore': '*\n', a: 'a' });
    expect(await archiveOf(imageIn(folder))).toEqual({ Dockerfile: dockerfile });
  });

  test('takes the ignore file of the Dockerfile first', async () => {
    const folder = tempFolder();
    writeFiles(folder, {
      Dockerfile: dockerfile,
      'Dockerfile.dockerignore': 'a\n',
      '.dockerignore': 'b\n',
      a: '',
      b: '',
    });
    const names = Object.keys(await archiveOf(imageIn(folder)));
    expect(names).toContain('b');
    expect(names).not.toContain('a');
  });

  test('with an override has the changed Dockerfile under another name, which the image does not get', async () => {
    const folder = tempFolder();
    writeFiles(folder, { Dockerfile: dockerfile, a: 'a', '.dockerignore': 'secret\n' });
    const files = await archiveOf(imageIn(folder), 'FROM scratch\nENTRYPOINT ["sleep"]\n');
    expect(files).toMatchObject({
      Dockerfile: dockerfile,
      a: 'a',
      '.dockerfile.devspace': 'FROM scratch\nENTRYPOINT ["sleep"]\n',
    });
    expect(files['.dockerignore']).toBe('secret\n\n.dockerfile.devspace\n');
    expect(readFileSync(path.join(folder, 'Dockerfile'), 'utf8')).toBe(dockerfile);
  });

  test('carries a Dockerfile from outside the context', async () => {
    const folder = tempFolder();
    writeFiles(folder, { 'docker/app.Dockerfile': 'FROM outside\n', 'app/a': 'a' });
    const image = imageIn(path.join(folder, 'app'), { dockerfile: path.join(folder, 'docker/app.Dockerfile') });
    const onDisk = readDockerfile(image);
    const context = planContext(image, onDisk, onDisk);
    const files = await archiveOf(image);
    expect(files[context.dockerfile]).toBe('FROM outside\n');
    expect(files['a']).toBe('a');
  });

  test('a file that ends large is streamed whole', async () => {
    const folder = tempFolder();
    writeFiles(folder, { Dockerfile: dockerfile, big: 'x'.repeat(2_000_000) });
    expect((await archiveOf(imageIn(folder)))['big']).toHaveLength(2_000_000);
  });
});

describe('BUILD_FILE', () => {
  test('for a missing Dockerfile, with its path', () => {
    const folder = tempFolder();
    const error = thrownBy(() => readDockerfile(imageIn(folder)));
    expect(error.code).toBe('BUILD_FILE');
    expect(error.message).toContain(path.join(folder, 'Dockerfile'));
  });

  test('for a missing context, with its path', () => {
    const folder = tempFolder();
    const image = imageIn(folder, { context: path.join(folder, 'missing') });
    const error = thrownBy(() => planContext(image, dockerfile, dockerfile));
    expect(error.code).toBe('BUILD_FILE');
    expect(error.message).toContain(path.join(folder, 'missing'));
  });
});

describe('the content key', () => {
  const keyOf = (image: ImageConfig, { text = dockerfile, options = {} } = {}) =>
    contentKey(planContext(image, text, readDockerfile(image)), options);
  const project = () => {
    const folder = tempFolder();
    writeFiles(folder, { Dockerfile: dockerfile, 'src/a.js': 'aaa', 'run.sh': '#!/bin/sh' });
    symlinkSync('run.sh', path.join(folder, 'link'));
    return folder;
  };

  test('is equal in another folder and after touch', () => {
    const folder = project();
    const key = keyOf(imageIn(folder));
    expect(key).toMatch(/^[0-9a-f]{16}$/);
    const copy = path.join(tempFolder(), 'elsewhere');
    cpSync(folder, copy, { recursive: true, verbatimSymlinks: true });
    expect(keyOf(imageIn(copy))).toBe(key);
    utimesSync(path.join(folder, 'src/a.js'), 1, 1);
    expect(keyOf(imageIn(folder))).toBe(key);
  });

  test('does not depend on what is ignored', () => {
    const folder = project();
    writeFiles(folder, { '.dockerignore': 'logs\n', 'logs/a': '1' });
    const key = keyOf(imageIn(folder));
    writeFiles(folder, { 'logs/a': '2', 'logs/b': '3' });
    expect(keyOf(imageIn(folder))).toBe(key);
  });

  const changes: readonly (readonly [string, (folder: string) => void])[] = [
    ['one byte', (folder) => writeFileSync(path.join(folder, 'src/a.js'), 'aab')],
    ['a new empty file', (folder) => writeFileSync(path.join(folder, 'new'), '')],
    ['an executable bit', (folder) => chmodSync(path.join(folder, 'run.sh'), 0o755)],
    ['a new empty folder', (folder) => mkdirSync(path.join(folder, 'empty'))],
    ['the Dockerfile', (folder) => writeFileSync(path.join(folder, 'Dockerfile'), 'FROM other\n')],
  ];

  test.each(changes)('changes with %s', (_name, change) => {
    const folder = project();
    const key = keyOf(imageIn(folder));
    change(folder);
    expect(keyOf(imageIn(folder), { text: readFileSync(path.join(folder, 'Dockerfile'), 'utf8') })).not.toBe(key);
  });

  test('changes with the override and the options', () => {
    const image = imageIn(project());
    const keys = [
      keyOf(image),
      keyOf(image, { text: `${dockerfile}CMD ["x"]\n` }),
      keyOf(image, { options: { buildArgs: { A: '1' } } }),
      keyOf(image, { options: { buildArgs: { A: '2' } } }),
    ];
    expect(new Set(keys).size).toBe(4);
  });
});
