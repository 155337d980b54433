import { describe, expect, test } from 'vitest';
import { commands } from '../../../src/cli/commands.ts';
import { place } from './command-line.ts';

const groups = ['list', 'use', 'set', 'reset', 'update', 'add', 'remove'];

describe('groups', () => {
  test.each(groups)('%s alone and with --help shows its commands and examples', async (group) => {
    const project = place();
    const alone = await project.devspace(group);
    expect(alone).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await project.devspace(group, '--help')).toEqual(alone);
    const own = commands.filter(({ name }) => name.startsWith(`${group} `));
    expect(own.length).toBeGreaterThan(0);
    for (const { name, examples } of own) {
      expect(alone.stdout).toMatch(new RegExp(`^ {2}${name.split(' ')[1] ?? ''}\\b`, 'm'));
      expect(alone.stdout).toContain(examples[0]);
    }
  });

  test('every command has a help with its examples', async () => {
    const project = place();
    for (const { name, examples } of commands) {
      const { exitCode, stdout, stderr } = await project.devspace(...name.split(' '), '--help');
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(stdout).toContain(`Usage: devspace ${name}`);
      for (const example of examples) expect(stdout).toContain(`  ${example}\n`);
    }
  });

  test.each([
    ['list varz', 'vars'],
    ['lst vars', 'list'],
    ['use porfile', 'profile'],
    ['depoly', 'deploy'],
    ['list vars --outptu json', '--output'],
  ])('%s is a mistake: did you mean %s?', async (words, meant) => {
    const { exitCode, stdout, stderr } = await place().devspace(...words.split(' '));
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(`Did you mean ${meant}?`);
    expect(stderr).toContain('USAGE');
  });

  test('the command line alone shows what there is', async () => {
    const { exitCode, stdout } = await place().devspace();
    expect(exitCode).toBe(0);
    for (const group of groups) expect(stdout).toMatch(new RegExp(`^ {2}${group}\\b`, 'm'));
  });
});
