import { describe, expect, test } from 'vitest';
import { dev } from '../../src/workflows/dev.ts';
import { type ContextCheck, needsConsent } from '../../src/workflows/open-cluster.ts';
import { loadProject } from '../../src/workflows/project.ts';
import { purge } from '../../src/workflows/purge.ts';
import type { Tools } from '../../src/workflows/tools.ts';
import { createBench, devOptions } from '../helpers/bench.ts';
import { userErrorOf } from '../helpers/error-of.ts';

const changed: ContextCheck = {
  context: 'prod.eu',
  before: 'staging',
  isNamed: false,
  isLocal: false,
  allowed: [],
};

test.each<[string, Partial<ContextCheck>, boolean]>([
  ['another context than before', {}, true],
  ['the same one', { before: 'prod.eu' }, false],
  ['the first one', { before: undefined }, false],
  ['one that is named', { isNamed: true }, false],
  ['a cluster of this machine', { isLocal: true }, false],
  ['one that is allowed', { allowed: ['dev', 'prod.eu'] }, false],
  ['one that fits a pattern', { allowed: ['prod.*'] }, false],
  ['one that fits none: a point is a point', { allowed: ['prodXeu', 'prod', 'eu', 'prod?eu'] }, true],
  ['any, if all are allowed', { allowed: ['*'] }, false],
])('K05: somebody must agree to %s', (_name, change, expected) => {
  expect(needsConsent({ ...changed, ...change })).toBe(expected);
});

describe('K05: a project that is used with another context than before', () => {
  const { signal } = new AbortController();

  /** A bench whose project was developed once in staging, and whose kubeconfig names another context now. */
  async function switched(more: Partial<Tools> = {}) {
    let context = 'staging';
    const bench = await createBench();
    const tools: Tools = {
      ...bench.tools,
      kube: async (choice) => ({ ...bench.fake.kube, context: choice.context ?? context, isLocal: false }),
      ...more,
    };
    const load = (kube: { context?: string } = {}) => loadProject({ cwd: bench.project.root, kube, signal }, tools);
    const run = async (kube?: { context?: string }) => dev(await load(kube), devOptions({ until: 'deploy' }), tools);
    expect(await run()).toBe(0);
    context = 'prod';
    bench.fake.objects.length = 0;
    const built = bench.engine.builds.length;
    return {
      ...bench,
      tools,
      load,
      run,
      isUntouched: () => bench.engine.builds.length === built && bench.fake.objects.length === 0,
    };
  }

  test('is refused where nobody can be asked, before anything is built, changed or deleted', async () => {
    const { run, load, tools, isUntouched } = await switched();
    const error = await userErrorOf(run());
    expect(error).toMatchObject({
      code: 'CONTEXT_CHANGED',
      message: 'This project was used with the context staging before, now it is prod. Nothing was changed.',
      hint: 'Say `--kube-context prod`, or allow it with `DEVSPACE_ALLOWED_CONTEXTS=prod`.',
    });
    expect(await userErrorOf(purge(await load(), { signal }, tools))).toMatchObject({ code: 'CONTEXT_CHANGED' });
    expect(isUntouched()).toBe(true);
    // nothing has been agreed to
    expect(await userErrorOf(run())).toMatchObject({ code: 'CONTEXT_CHANGED' });
  });

  test('goes on where the context is named, and remembers that', async () => {
    const { run } = await switched();
    expect(await run({ context: 'prod' })).toBe(0);
    expect(await run()).toBe(0);
  });

  test('goes on where the environment allows the context', async () => {
    const { run } = await switched({ env: { DEVSPACE_ALLOWED_CONTEXTS: 'qa, prod' } });
    expect(await run()).toBe(0);
  });

  test.each(['yes', 'no'])('asks where somebody is there, who says %s', async (answer) => {
    const questions: string[] = [];
    const ask = async ({ text }: { text: string }) => {
      questions.push(text);
      return answer;
    };
    const { run, isUntouched } = await switched({ prompt: { ask } });
    if (answer === 'yes') {
      expect(await run()).toBe(0);
      expect(await run()).toBe(0);
    } else {
      expect(await userErrorOf(run())).toMatchObject({ code: 'CONTEXT_CHANGED', message: 'Nothing was changed.' });
      expect(isUntouched()).toBe(true);
    }
    expect(questions).toEqual([
      'This project was used with the context staging before, now it is prod. Is that meant?',
    ]);
  });
});
