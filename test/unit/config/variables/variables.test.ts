import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Prompt, Question } from '../../../../src/config/variables/prompt.ts';
import { listVariables, resetVariables, setVariable } from '../../../../src/config/variables/variables.ts';
import { failure, type ProjectFolder, projectFolder } from '../project-folder.ts';

/** A file of a version whose image `app` has the given tags, with the given variables. */
function withTags(version: string, tags: string, vars: string): ProjectFolder {
  return projectFolder({
    'devspace.yaml': `version: ${version}\nvars:\n${vars}\nimages:\n  app:\n    image: me/app\n    tags: ${tags}\n`,
  });
}

const newest = (tags: string, vars: string): ProjectFolder => withTags('v2beta1', tags, vars);

/** Answers by name and remembers what was asked. */
function answering(answers: Readonly<Record<string, string>>): Prompt & { readonly asked: Question[] } {
  const asked: Question[] = [];
  return {
    asked,
    ask: async (question) => {
      asked.push(question);
      const answer = answers[question.name];
      if (answer === undefined) throw new Error(`nobody expected a question for ${question.name}`);
      return answer;
    },
  };
}

async function tagsOf(
  project: ProjectFolder,
  options?: Parameters<ProjectFolder['load']>[0],
): Promise<readonly string[]> {
  return (await project.load(options)).config.images[0]?.tags ?? [];
}

describe('sources of variables', () => {
  test.each<[string, string, Parameters<ProjectFolder['load']>[0], string]>([
    ['a value', '  A: one', {}, 'one'],
    ['a value in a map', '  A:\n    value: one', {}, 'one'],
    ['a default', '  A:\n    default: one', {}, 'one'],
    ['the environment before a default', '  A:\n    default: one', { env: { A: 'two' } }, 'two'],
    [
      'the environment with a prefix first',
      '  A:\n    default: one',
      { env: { A: 'two', DEVSPACE_VAR_A: 'three' } },
      'three',
    ],
    ['--var before the environment', '  A:\n    default: one', { env: { A: 'two' }, vars: ['A=four'] }, 'four'],
    ['source env', '  A:\n    source: env', { env: { A: 'two' } }, 'two'],
    ['source env with a default', '  A:\n    source: env\n    default: one', {}, 'one'],
    ['source input, not the environment', '  A:\n    source: input\n    default: one', { env: { A: 'two' } }, 'one'],
    ['source none', '  A:\n    source: none\n    default: one', { env: { A: 'two' } }, 'one'],
    ['a command', '  A:\n    command: echo five', {}, 'five'],
    ['a command with arguments', '  A:\n    command: echo\n    args: ["a  b"]', {}, 'a  b'],
    [
      'a command for every system',
      '  A:\n    commands:\n    - os: plan9\n      command: echo no\n    - command: echo six',
      {},
      'six',
    ],
    ['a command in short form', '  A: $(echo seven)', {}, 'seven'],
    ['a default where a command fails', '  A:\n    command: exit 3\n    default: eight', {}, 'eight'],
    ['a default where a command prints nothing', '  A:\n    command: "true"\n    default: nine', {}, 'nine'],
    ['another variable', '  B: two\n  A: ${B}-${B}', {}, 'two-two'],
    ['a variable that is defined below', '  A: ${B}\n  B: two', {}, 'two'],
    ['a command with a variable', '  B: two\n  A:\n    command: echo x${B}', {}, 'xtwo'],
  ])('%s', async (_, vars, options, tag) => {
    expect(await tagsOf(newest('["${A}"]', vars), options)).toEqual([tag]);
  });

  test('the environment file, the environment before it', async () => {
    const project = newest('["${A}", "${B}"]', '  A:\n    source: env\n  B:\n    source: env');
    project.write('.env', '# ours\nexport A="one two" # all\nB=\'x\'\n');
    expect(await tagsOf(project, { env: { B: 'y' } })).toEqual(['one two', 'y']);
    project.write('other.env', 'A=other\nB=other\n');
    expect(await tagsOf(project, { env: { DEVSPACE_ENV_FILE: 'other.env' } })).toEqual(['other', 'other']);
    expect(await failure(project.load({ env: { DEVSPACE_ENV_FILE: 'missing.env' } }))).toMatchObject({
      code: 'CONFIG_VARIABLE',
      message: expect.stringContaining('missing.env cannot be read'),
    });
  });

  test('the git repository', async () => {
    const project = newest('["${DEVSPACE_GIT_COMMIT}", "${devspace.git.branch}"]', '  X: y');
    expect(await failure(project.load())).toMatchObject({
      code: 'CONFIG_VARIABLE',
      message: expect.stringContaining('is no git repository'),
    });
    const git = (...args: string[]): string =>
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
        cwd: project.root,
        encoding: 'utf8',
      });
    git('init', '-q', '-b', 'trunk');
    git('commit', '-q', '--allow-empty', '-m', 'x');
    expect(await tagsOf(project)).toEqual([git('rev-parse', 'HEAD').slice(0, 8), 'trunk']);
  });

  test('what only the run knows', async () => {
    const tags =
      '["${DEVSPACE_NAMESPACE}", "${devspace.context}", "${DEVSPACE_VERSION}", "${DEVSPACE_NAME}", "${DEVSPACE_USER_HOME}", "${DEVSPACE_PROFILE}"]';
    const project = newest(tags, '  X: y');
    const facts = { namespace: async () => 'ns', kubeContext: async () => 'ctx', version: '1.2.3' };
    expect(await tagsOf(project, { facts })).toEqual(['ns', 'ctx', '1.2.3', 'project', project.home, '']);
  });

  test('random letters and the time, the same all over the file', async () => {
    const [first, second, time] = await tagsOf(
      newest('["${DEVSPACE_RANDOM}", "${devspace.random}", "${DEVSPACE_TIMESTAMP}"]', '  X: y'),
    );
    expect(first).toMatch(/^[a-zA-Z]{6}$/);
    expect(second).toBe(first);
    expect(Math.abs(Number(time) - Date.now() / 1000)).toBeLessThan(60);
  });

  test('flags that the file sets for everyone', async () => {
    const project = newest('["${DEVSPACE_NAMESPACE}"]', '  DEVSPACE_FLAGS: "-n theirs --kube-context=their-context"');
    const facts = { namespace: async () => 'ns' };
    const loaded = await project.load({ facts });
    expect(loaded).toMatchObject({ namespace: 'theirs', kubeContext: 'their-context' });
    expect(loaded.config.images[0]?.tags).toEqual(['theirs']);
    expect(await tagsOf(project, { facts: { ...facts, explicit: { namespace: 'mine' } } })).toEqual(['mine']);
  });
});

describe('types of values', () => {
  const port = (version: string, vars: string, value: string): ProjectFolder =>
    projectFolder({
      'devspace.yaml': `version: ${version}\nvars:\n${vars}\ndeployments:\n${version === 'v2beta1' ? '  a:\n' : '  - name: a\n'}    helm:\n${version === 'v2beta1' ? '' : '      componentChart: true\n'}      values:\n        x: ${value}\n`,
    });
  const valueOf = async (project: ProjectFolder, env = {}): Promise<unknown> =>
    (await project.load({ env })).model.deployments?.a?.helm?.values?.x;

  test.each<[string, string, string, string, unknown]>([
    ['a lone variable keeps its type', 'v2beta1', '  P:\n    value: 8080', '${P}', 8080],
    ['the short form is text', 'v2beta1', '  P: 8080', '${P}', '8080'],
    ['within a text it is text', 'v2beta1', '  P:\n    value: 8080', '"${P}${P}"', '80808080'],
    ['with ! it is text', 'v2beta1', '  P:\n    value: 8080', '$!{P}', '8080'],
    ['escaped it stands for itself', 'v2beta1', '  P:\n    value: 8080', '"$${P}"', '${P}'],
    ['an undefined one stays', 'v2beta1', '  P: x', '"${Q}"', '${Q}'],
    ['a Boolean stays one', 'v2beta1', '  P:\n    value: true', '${P}', true],
    ['old files turn the whole text into a number', 'v1beta6', '- name: P\n  default: 80', '"${P}80"', 8080],
    ['old files turn words into Booleans', 'v1beta6', '- name: P\n  default: rue', '"t${P}"', true],
  ])('%s', async (_, version, vars, written, value) => {
    expect(await valueOf(port(version, vars, written))).toBe(value);
  });

  test.each<[string, string, unknown]>([
    ['a number where the default is one', '8080', 9090],
    ['text where the default is text', '"8080"', '9090'],
  ])('the environment gives %s', async (_, fallback, value) => {
    expect(await valueOf(port('v2beta1', `  P:\n    default: ${fallback}`, '${P}'), { P: '9090' })).toBe(value);
  });

  test('a value that does not fit the default is refused', async () => {
    const project = port('v2beta1', '  P:\n    default: 8080', '${P}');
    expect(await failure(project.load({ env: { P: 'many' } }))).toMatchObject({
      message: expect.stringContaining('P must be a number'),
    });
  });
});

describe('expressions', () => {
  test.each<[string, string, string]>([
    ['a text', '$(echo hello)', 'hello'],
    ['trimmed', '$(echo "  x  ")', 'x'],
    ['not trimmed', '$#(printf "x ")', 'x '],
    ['always text', '$!(echo 10)', '10'],
    ['escaped', '$$(echo x)', '$(echo x)'],
    ['with a variable in it', '$(echo ${A}-$A)', 'one-one'],
    ['with a variable that the shell expands', '$(echo $A)', 'one'],
    ['with a helper', '$(is_equal ${A} one)', 'true'],
    ['false', '$(is_equal ${A} two)', 'false'],
  ])('%s', async (_, written, tag) => {
    expect(await tagsOf(newest(`["${written.replaceAll('"', '\\"')}"]`, '  A: one'))).toEqual([tag]);
  });

  test('a list', async () => {
    expect(await tagsOf(newest('$(echo "[a, b]")', '  A: one'))).toEqual(['a', 'b']);
  });

  test('a failing command names itself and its place', async () => {
    const error = await failure(newest('["$(echo no >&2; exit 3)"]', '  A: one').load());
    expect(error).toMatchObject({
      code: 'CONFIG_VARIABLE',
      message: expect.stringMatching(/devspace.yaml:7:12: the command `echo no.*` failed: no/),
    });
  });
});

describe("Kubernetes' own way to write a variable of the container", () => {
  const withArgs = (args: string, tag = 'x'): ProjectFolder =>
    projectFolder({
      'devspace.yaml': `version: v1beta9\nimages:\n  app:\n    image: me/app\n    tags: ["${tag}"]\ndeployments:\n- name: a\n  helm:\n    componentChart: true\n    values:\n      containers:\n      - image: redis:6.0\n        args: ${args}\n`,
    });
  const argsOf = async (project: ProjectFolder): Promise<unknown> => {
    const { model } = await project.load();
    const { containers } = model.deployments?.a?.helm?.values as { containers: { args: unknown }[] };
    return containers[0]?.args;
  };

  test('stays in what becomes a pod', async () => {
    expect(await argsOf(withArgs('["--requirepass", $(REDIS_PASSWORD), $(echo x)]'))).toEqual([
      '--requirepass',
      '$(REDIS_PASSWORD)',
      'x',
    ]);
  });

  test.each([
    ['another word that is no program', '["$(no-such-program)"]', 'x'],
    ['outside of pods', '[x]', '$(REDIS_PASSWORD)'],
  ])('is a command that fails for %s', async (_, args, tag) => {
    const error = await failure(withArgs(args, tag).load());
    expect(error).toMatchObject({ code: 'CONFIG_VARIABLE', message: expect.stringContaining('not found') });
  });
});

describe('scripts', () => {
  const file =
    'version: v2beta1\nname: x\nvars:\n  A: one\n  Q:\n    question: Which Q?\ncommands:\n  c: echo ${A} ${SHELL_ONLY} ${Q}\nhooks:\n- events: [before:deploy]\n  command: echo ${A} ${SHELL_ONLY}\n';

  test('are left to their shell, and need no answers', async () => {
    const { model } = await projectFolder({ 'devspace.yaml': file }).load({ env: { SHELL_ONLY: 'x' } });
    expect(model.commands?.c).toMatchObject({ command: 'echo ${A} ${SHELL_ONLY} ${Q}' });
    expect(model.hooks?.[0]?.command).toBe('echo one ${SHELL_ONLY}');
  });

  test('are filled for printing, also from the environment', async () => {
    const options = { env: { SHELL_ONLY: 'x' }, vars: ['Q=two'], scripts: 'filled' as const };
    const { model } = await projectFolder({ 'devspace.yaml': file }).load(options);
    expect(model.commands?.c).toMatchObject({ command: 'echo one x two' });
  });
});

describe('without a terminal', () => {
  test('variables without a value are all named, at once, with how to set them', async () => {
    const start = performance.now();
    const error = await failure(
      newest('["${A}", "${B}"]', '  A:\n    question: Which A?\n  B:\n    options: [x, y]').load(),
    );
    expect(performance.now() - start).toBeLessThan(1_000);
    expect(error.code).toBe('CONFIG_VARIABLE');
    expect(error.message).toMatch(/devspace.yaml:3:3: the variable A has no value.*--var A=….*DEVSPACE_VAR_A/s);
    expect(error.message).toMatch(/devspace.yaml:5:3: the variable B has no value.*--var B=x\|y/s);
  });

  test('only what is used is needed', async () => {
    expect(await tagsOf(newest('[fixed]', '  A:\n    question: Which A?'))).toEqual(['fixed']);
  });

  test('other mistakes are told as well', async () => {
    const project = newest('["${A}"]', '  A:\n    question: Which A?');
    const text = readFileSync(`${project.root}/devspace.yaml`, 'utf8');
    project.write('devspace.yaml', `${text}imges: {}\n`);
    const error = await failure(project.load());
    expect(error.message).toMatch(/devspace.yaml:9:1: imges: unknown key.*the variable A has no value/s);
  });

  test('a circle names itself', async () => {
    const error = await failure(newest('["${A}"]', '  A: ${B}\n  B: x${C}\n  C: ${A}').load());
    expect(error.message).toContain('A → B → C → A');
  });

  test('an undefined variable in a number says so', async () => {
    const project = projectFolder({
      'devspace.yaml':
        'version: v1beta11\ndev:\n  ports:\n  - labelSelector: {a: b}\n    forward:\n    - port: ${NOBODY}\n',
    });
    expect((await failure(project.load())).message).toMatch(/devspace.yaml:6:13: .*NOBODY is not defined/);
  });

  test('an undefined variable in a text stays and is warned about', async () => {
    const loaded = await newest('["${NOBODY}"]', '  A: b').load();
    expect(loaded.config.images[0]?.tags).toEqual(['${NOBODY}']);
    expect(loaded.warnings).toEqual([expect.stringContaining('NOBODY is not defined')]);
  });
});

describe('questions', () => {
  const project = (): ProjectFolder =>
    newest(
      '["${A}", "${P}"]',
      '  A:\n    question: Which A?\n    default: one\n    options: [one, two]\n  P:\n    password: true\n    validationPattern: ^s\n    validationMessage: begins with s',
    );

  test('are asked with their options, and the answers are kept', async () => {
    const folder = project();
    const prompt = answering({ A: 'two', P: 'secret-word' });
    expect(await tagsOf(folder, { prompt })).toEqual(['two', 'secret-word']);
    expect(prompt.asked).toMatchObject([
      { name: 'A', text: 'Which A?', default: 'one', options: ['one', 'two'], isPassword: false },
      { name: 'P', text: 'Please enter a value for P', isPassword: true },
    ]);
    expect(prompt.asked[1]?.validate('x')).toBe('begins with s');
    expect(await tagsOf(folder, { prompt: answering({}) })).toEqual(['two', 'secret-word']);
  });

  test('leave no secret in clear text, and files only the user can read', async () => {
    const folder = project();
    await folder.load({ prompt: answering({ A: 'two', P: 'secret-word' }) });
    const file = `${folder.root}/.devspace/state.json`;
    expect(readFileSync(file, 'utf8')).toContain('two');
    expect(readFileSync(file, 'utf8')).not.toContain('secret-word');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(`${folder.home}/.devspace/answers.key`).mode & 0o777).toBe(0o600);
  });

  test('are not kept with noCache', async () => {
    const folder = newest('["${A}"]', '  A:\n    question: Which A?\n    noCache: true');
    await folder.load({ prompt: answering({ A: 'x' }) });
    expect((await failure(folder.load())).message).toContain('the variable A has no value');
  });

  test('keep the answers even when loading fails later', async () => {
    const folder = newest('["${A}"]', '  A:\n    question: Which A?');
    const text = readFileSync(`${folder.root}/devspace.yaml`, 'utf8');
    folder.write('devspace.yaml', `${text}imges: {}\n`);
    await failure(folder.load({ prompt: answering({ A: 'x' }) }));
    folder.write('devspace.yaml', text);
    expect(await tagsOf(folder)).toEqual(['x']);
  });

  test('are asked in old files also for what is not defined', async () => {
    const folder = projectFolder({ 'devspace.yaml': 'version: v1beta2\nimages:\n  app:\n    image: ${WHO}/app\n' });
    expect((await folder.load({ prompt: answering({ WHO: 'me' }) })).config.images[0]?.image).toBe('me/app');
    expect((await folder.load()).config.images[0]?.image).toBe('me/app');
  });
});

describe('set, reset and list', () => {
  const vars = '  A:\n    question: Which A?\n    options: [one, two]\n  P:\n    password: true\n  D: fixed';

  test('set and reset an answer', async () => {
    const folder = newest('[x]', vars);
    const loaded = await folder.load();
    setVariable(loaded, 'A', 'two');
    setVariable(loaded, 'P', 'secret-word');
    await loaded.state.save();
    const again = await folder.load();
    expect(again.state.answers.get('A')).toBe('two');
    expect(again.state.answers.get('P')).toBe('secret-word');
    expect(resetVariables(again.state, ['A'])).toEqual(['A']);
    await again.state.save();
    const last = await folder.load();
    expect(last.state.names).toEqual(['P']);
    expect(() => resetVariables(last.state, ['A'])).toThrow(/No answer is saved for A/);
    expect(resetVariables(last.state, [])).toEqual(['P']);
  });

  test('refuse what does not fit', async () => {
    const loaded = await newest('[x]', vars).load();
    expect(() => setVariable(loaded, 'A', 'three')).toThrow(/choose one of one, two/);
    expect(() => setVariable(loaded, 'AA', 'x')).toThrow(/no variable AA/);
  });

  test('list value, origin and users, with secrets masked', async () => {
    const loaded = await newest('["${A}-${D}", "${P}", "${DEVSPACE_NAME}"]', vars).load({
      vars: ['A=one', 'P=secret-word'],
    });
    expect(listVariables(loaded)).toEqual([
      { name: 'A', value: 'one', origin: 'flag', line: 3, usedBy: ['images.app.tags.0'] },
      { name: 'D', value: 'fixed', origin: 'value', line: 8, usedBy: ['images.app.tags.0'] },
      { name: 'DEVSPACE_NAME', value: 'project', origin: 'predefined', usedBy: ['images.app.tags.2'] },
      { name: 'P', value: '***', origin: 'flag', line: 6, usedBy: ['images.app.tags.1'] },
    ]);
  });
});
