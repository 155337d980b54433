import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { checkRequirements } from '../../../src/config/require.ts';
import { listCommands, planCommand } from '../../../src/config/run-command.ts';
import { failure, projectFolder } from './project-folder.ts';

const file = `version: v2beta1
name: demo
vars:
  WHO: world
  UNUSED:
    question: Never asked?
commands:
  hello: echo "hello $WHO and \${WHO}" "$@"
  full:
    description: All there is
    section: misc
    internal: true
    command: echo
    args: ["-n", "\${WHO}"]
  append:
    command: echo \${devspace.name}
    appendArgs: true
    after: echo done
`;

function run(plan: Awaited<ReturnType<typeof planCommand>>): string {
  const options = { cwd: plan.cwd, env: plan.env as NodeJS.ProcessEnv, encoding: 'utf8' as const };
  return plan.run.kind === 'shell'
    ? execFileSync('sh', ['-c', plan.run.script, plan.name, ...plan.run.args], options)
    : execFileSync(plan.run.program, plan.run.args, options);
}

describe('commands', () => {
  const load = (): ReturnType<ReturnType<typeof projectFolder>['load']> =>
    projectFolder({ 'devspace.yaml': file }).load();

  test('are listed', async () => {
    expect(listCommands(await load())).toEqual([
      { name: 'hello', description: '', section: '', isInternal: false },
      { name: 'full', description: 'All there is', section: 'misc', isInternal: true },
      { name: 'append', description: '', section: '', isInternal: false },
    ]);
  });

  test('run in a shell with variables and positional arguments', async () => {
    expect(run(await planCommand(await load(), 'hello', ['a b', 'c']))).toBe('hello world and world a b c\n');
  });

  test('run a program with its own arguments first', async () => {
    expect(run(await planCommand(await load(), 'full', ['x y']))).toBe('world x y');
  });

  test('append arguments, quoted, and fill names with dots', async () => {
    const plan = await planCommand(await load(), 'append', ["it's", 'x;y']);
    expect(run(plan)).toBe("demo it's x;y\n");
    expect(plan.after).toBe('echo done');
  });

  test('run in the folder of the project', async () => {
    const project = projectFolder({
      'devspace.yaml': 'version: v1beta3\ncommands:\n- name: where\n  command: pwd\n',
      'sub/x': '',
    });
    const loaded = await project.load({ cwd: `${project.root}/sub` });
    expect(run(await planCommand(loaded, 'where', [])).trim()).toBe(project.root);
  });

  test('that are unknown are named, with what was probably meant', async () => {
    const loaded = await load();
    expect(await failure(planCommand(loaded, 'helo', []))).toMatchObject({
      code: 'USAGE',
      hint: expect.stringContaining('Did you mean hello?'),
    });
  });
});

describe('require', () => {
  const check = async (required: string, devspaceVersion?: string): Promise<readonly string[]> => {
    const project = projectFolder({
      'devspace.yaml': `version: v2beta1\nname: demo\nrequire:\n${required}`,
      'bin/tool': '#!/bin/sh\necho "tool v2.3.4 (linux)"\n',
    });
    chmodSync(`${project.root}/bin/tool`, 0o755);
    const loaded = await project.load({ env: { PATH: `${project.root}/bin:${process.env.PATH}` } });
    return checkRequirements(loaded, {
      signal: new AbortController().signal,
      ...(devspaceVersion ? { devspaceVersion } : {}),
    });
  };

  test.each<[string, string | undefined]>([
    ['  devspace: ">= 6.0.0"\n', '6.3.21'],
    ['  devspace: ">= 6.0, < 7.0"\n', '6.3.21'],
    ['  devspace: "~6.3"\n', 'v6.3.21'],
    ['  devspace: ">= 99"\n', undefined],
    ['  devspace: ">= 99"\n', '0.0.0-dev'],
    ['  commands:\n  - name: tool\n    version: ">= 2.0.0"\n', undefined],
    [
      '  commands:\n  - name: tool\n    version: "2.x"\n    versionArgs: [--version]\n    versionRegEx: "tool v([0-9.]+)"\n',
      undefined,
    ],
  ])('%j passes', async (required, version) => {
    expect(await check(required, version)).toEqual([]);
  });

  test('tells everything that does not fit at once', async () => {
    const required =
      '  devspace: ">= 7.0.0"\n  commands:\n  - name: tool\n    version: "> 3.0"\n  - name: no-such-tool\n    version: "1.x"\n';
    const error = await failure(check(required, '6.3.21'));
    expect(error.code).toBe('CONFIG_REQUIRE');
    expect(error.message.split('\n')).toEqual([
      'DevSpace >= 7.0.0 is required, 6.3.21 is installed',
      'tool > 3.0 is required, 2.3.4 is installed',
      'no-such-tool 1.x is required, but the program no-such-tool is not installed',
    ]);
  });

  test('warns about plugins', async () => {
    expect(await check('  plugins:\n  - name: loft\n    version: ">= 1.0"\n')).toEqual([
      expect.stringContaining('loft'),
    ]);
  });
});
