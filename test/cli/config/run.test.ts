import { describe, expect, test } from 'vitest';
import { place } from './command-line.ts';

const file = `version: v2beta1
vars:
  GREETING: hello
  TOKEN:
    question: Your token
images:
  app:
    image: me/\${TOKEN}
commands:
  greet: echo "\${GREETING} $1 $2"
  append:
    command: printf '%s|' first
    appendArgs: true
  direct:
    command: printf
    args: ["%s|", "\${GREETING}"]
  fail:
    command: exit 7
    after: echo "after $COMMAND_ERROR" >&2
    section: broken
    description: Fails
  where: pwd
  copy: cat
  token: echo "$TOKEN"
  hidden: { command: "true", internal: true }
`;

describe('run', () => {
  test('gives the command its arguments, flags too', async () => {
    const project = place({ 'devspace.yaml': file });
    const ran = await project.devspace('run', 'greet', 'you', '--debug');
    expect(ran).toEqual({ exitCode: 0, stdout: 'hello you --debug\n', stderr: '' });
    expect((await project.devspace('run', 'append', '--', "it's", '-n', '$HOME')).stdout).toBe(
      "first|--|it's|-n|$HOME|",
    );
    expect((await project.devspace('run', 'direct', '--help')).stdout).toBe('hello|--help|');
  });

  test('takes global flags before its name', async () => {
    const project = place({ 'devspace.yaml': file });
    expect((await project.devspace('--var', 'GREETING=hi', 'run', 'greet')).stdout).toBe('hi  \n');
    expect((await project.devspace('run', '--var', 'GREETING=hey', 'greet')).stdout).toBe('hey  \n');
  });

  test('ends with the exit code of the command, and `after` runs whatever happened', async () => {
    const project = place({ 'devspace.yaml': file });
    const { exitCode, stderr } = await project.devspace('run', 'fail');
    expect(exitCode).toBe(7);
    expect(stderr).toBe('after exit code 7\n');
  });

  test('runs in the folder of the project and reads stdin to its end', async () => {
    const project = place({ 'devspace.yaml': file });
    expect((await project.devspace('run', 'where')).stdout).toBe(`${project.root}\n`);
    expect(await project.devspace('run', 'copy')).toMatchObject({ exitCode: 0, stdout: '' });
  });

  test('needs only the variables that the command uses', async () => {
    const project = place({ 'devspace.yaml': file });
    const missing = await project.devspace('run', 'token');
    expect(missing.exitCode).toBe(2);
    expect(missing.stderr).toContain('TOKEN has no value');
    await project.devspace('set', 'var', 'TOKEN=abc');
    expect((await project.devspace('run', 'token')).stdout).toBe('abc\n');
  });

  test.each([
    [['run', 'gret'], 2, 'Did you mean greet?'],
    [['run'], 2, 'Commands: greet'],
  ])('%j is told what there is', async (words, exitCode, message) => {
    const ran = await place({ 'devspace.yaml': file }).devspace(...words);
    expect(ran.exitCode).toBe(exitCode);
    expect(ran.stderr).toContain(message);
  });

  test('a program that is not installed is named', async () => {
    const project = place({
      'devspace.yaml': 'version: v2beta1\ncommands:\n  x: { command: no-such-program, args: [a] }\n',
    });
    const { exitCode, stderr } = await project.devspace('run', 'x');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('no-such-program is not installed');
  });

  test('commands of old versions run too', async () => {
    const project = place({
      'devspace.yaml': 'version: v1beta9\ncommands:\n- name: test\n  command: echo tested\n',
    });
    expect((await project.devspace('run', 'test')).stdout).toBe('tested\n');
  });

  test('list commands shows them without internal ones and asks for nothing', async () => {
    const project = place({ 'devspace.yaml': file });
    const { exitCode, stdout } = await project.devspace('list', 'commands');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^NAME +SECTION +DESCRIPTION\n/);
    expect(stdout).toMatch(/^fail +broken +Fails$/m);
    expect(stdout).not.toContain('hidden');
  });
});
