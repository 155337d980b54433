import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { openState, type ProjectState } from '../../../../src/config/state/state.ts';
import { projectFolder } from '../project-folder.ts';

interface Opened {
  readonly state: ProjectState;
  readonly warnings: string[];
}

async function open(project: ReturnType<typeof projectFolder>, configName = 'devspace.yaml'): Promise<Opened> {
  const warnings: string[] = [];
  const state = await openState({
    projectRoot: project.root,
    configPath: path.join(project.root, configName),
    userFolder: path.join(project.home, '.devspace'),
    warn: (message) => void warnings.push(message),
  });
  return { state, warnings };
}

const files = (project: ReturnType<typeof projectFolder>): string[] =>
  readdirSync(path.join(project.root, '.devspace')).sort();

describe('the state of a project', () => {
  test('writes nothing when nothing changed', async () => {
    const project = projectFolder();
    await (await open(project)).state.save();
    expect(existsSync(path.join(project.root, '.devspace'))).toBe(false);
  });

  test('remembers answers, profile, configuration and context', async () => {
    const project = projectFolder();
    const { state } = await open(project);
    state.answers.keep('A', 'one', 'plain');
    state.useProfile('dev');
    state.useConfig('mine');
    state.rememberContext({ context: 'c', namespace: 'n' });
    await state.save();
    const again = await open(project);
    expect(again.state.answers.get('A')).toBe('one');
    expect(again.state).toMatchObject({
      activeProfile: 'dev',
      activeConfig: 'mine',
      lastContext: { context: 'c', namespace: 'n' },
      names: ['A'],
    });
    expect(files(project)).toEqual(['.gitignore', 'state.json']);
  });

  test('is separate for each configuration file', async () => {
    const project = projectFolder();
    const { state } = await open(project, 'other.yaml');
    state.answers.keep('A', 'one', 'plain');
    await state.save();
    expect((await open(project)).state.names).toEqual([]);
    expect((await open(project, 'other.yaml')).state.names).toEqual(['A']);
  });

  test('keeps what another process saved meanwhile', async () => {
    const project = projectFolder();
    const [first, second] = [await open(project), await open(project)];
    first.state.answers.keep('A', 'one', 'plain');
    second.state.answers.keep('B', 'two', 'plain');
    await first.state.save();
    await second.state.save();
    expect((await open(project)).state.names).toEqual(['A', 'B']);
  });

  test.each([
    ['half a file', '{"version": 1, "vars": {"A": {"val'],
    ['another shape', '{"version": 1, "vars": {"A": 5}}'],
    ['no version', '{}'],
    ['nothing', ''],
  ])('keeps a damaged file with %s under another name', async (_, text) => {
    const project = projectFolder({ '.devspace/state.json': text });
    const { state, warnings } = await open(project);
    expect(warnings).toEqual([expect.stringContaining('damaged')]);
    expect(readFileSync(path.join(project.root, '.devspace/state.json'), 'utf8')).toBe(text);
    state.answers.keep('B', 'two', 'plain');
    await state.save();
    const kept = files(project).find((name) => name.includes('damaged')) ?? '';
    expect(readFileSync(path.join(project.root, '.devspace', kept), 'utf8')).toBe(text);
    expect((await open(project)).state.answers.get('B')).toBe('two');
  });

  test('never changes the state of a newer version', async () => {
    const text = '{"version": 99, "future": true}';
    const project = projectFolder({ '.devspace/state.json': text });
    const { state, warnings } = await open(project);
    state.answers.keep('A', 'one', 'plain');
    await state.save();
    expect(warnings).toEqual([expect.stringContaining('newer DevSpace')]);
    expect(readFileSync(path.join(project.root, '.devspace/state.json'), 'utf8')).toBe(text);
    expect(state.answers.get('A')).toBe('one');
  });

  test('keeps entries that it does not know', async () => {
    const project = projectFolder({ '.devspace/state.json': '{"version": 1, "more": {"x": 1}}' });
    const { state } = await open(project);
    state.answers.keep('A', 'one', 'plain');
    await state.save();
    expect(JSON.parse(readFileSync(path.join(project.root, '.devspace/state.json'), 'utf8'))).toMatchObject({
      more: { x: 1 },
    });
  });

  test('goes on where it cannot be written', async () => {
    const project = projectFolder();
    writeFileSync(path.join(project.root, '.devspace'), 'a file where the folder should be');
    const { state, warnings } = await open(project);
    state.answers.keep('A', 'one', 'plain');
    await state.save();
    expect(warnings.at(-1)).toMatch(/cannot be written, answers are not remembered/);
    expect(state.answers.get('A')).toBe('one');
  });

  test('asks again for secrets of another key', async () => {
    const project = projectFolder();
    const { state } = await open(project);
    state.answers.keep('P', 'secret-word', 'secret');
    await state.save();
    writeFileSync(path.join(project.home, '.devspace/answers.key'), Buffer.alloc(32, 7).toString('base64'));
    const again = await open(project);
    expect(again.state.answers.get('P')).toBeUndefined();
    expect(again.warnings).toEqual([expect.stringContaining('P cannot be read with your key')]);
  });

  test('leaves no half-written file', async () => {
    const project = projectFolder();
    mkdirSync(path.join(project.root, '.devspace'));
    const { state } = await open(project);
    for (let index = 0; index < 20; index += 1) {
      state.answers.keep(`A${index}`, 'x'.repeat(1000), 'plain');
      await state.save();
    }
    expect(files(project)).toEqual(['state.json']);
    chmodSync(path.join(project.root, '.devspace/state.json'), 0o600);
  });
});

describe('what the original left', () => {
  test('version 3: answers of the active configuration', async () => {
    const text =
      'activeConfig: mine\nconfigs:\n  default:\n    vars: {A: no}\n  mine:\n    vars: {A: one, N: 5}\n    images: {}\n';
    const { state } = await open(projectFolder({ '.devspace/generated.yaml': text }));
    expect([state.activeConfig, state.answers.get('A'), state.answers.get('N')]).toEqual(['mine', 'one', '5']);
  });

  test('version 5: answers, profile and context', async () => {
    const text = 'activeProfile: dev\nvars: {A: one}\nprofiles:\n  dev:\n    lastContext: {namespace: n, context: c}\n';
    const { state } = await open(projectFolder({ '.devspace/generated.yaml': text }));
    expect(state).toMatchObject({ activeProfile: 'dev', lastContext: { namespace: 'n', context: 'c' }, names: ['A'] });
  });

  test('version 6, also of another file; encrypted answers are asked for again', async () => {
    const project = projectFolder({
      '.devspace/cache.yaml': 'vars: {A: one}\n',
      '.devspace/cache-other.yaml': 'varsEncrypted: true\nvars: {B: xyz}\nlastContext: {context: c}\n',
    });
    expect((await open(project)).state.names).toEqual(['A']);
    const other = await open(project, 'other.yaml');
    expect(other.state.names).toEqual([]);
    expect(other.state.lastContext).toEqual({ context: 'c' });
    expect(other.warnings).toEqual([expect.stringContaining('asked for again')]);
  });

  test('what was forgotten stays forgotten, and its files stay as they are', async () => {
    const text = 'vars: {A: one, B: two}\n';
    const project = projectFolder({ '.devspace/cache.yaml': text });
    const { state } = await open(project);
    state.forget(['A']);
    await state.save();
    expect((await open(project)).state.names).toEqual(['B']);
    expect(readFileSync(path.join(project.root, '.devspace/cache.yaml'), 'utf8')).toBe(text);
  });

  test('a damaged file costs a warning', async () => {
    const { state, warnings } = await open(projectFolder({ '.devspace/cache.yaml': 'vars: [' }));
    expect(state.names).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining('cache.yaml is damaged')]);
  });
});
