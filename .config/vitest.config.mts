import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Where `.ci/run` collects the counts of all runs. */
const results = process.env['DEVSPACE_TEST_RESULTS'];

const endToEnd = {
  include: ['test/cluster/**/*.test.ts'],
  testTimeout: 180_000,
  hookTimeout: 180_000,
};

/** One process for each processor; the end-to-end suite waits more than it works, so it takes four more. */
const maxWorkers = availableParallelism();

/** The embedded cluster needs user namespaces; where there are none, the end-to-end suite needs a real cluster. */
const hasNamespaces = spawnSync('unshare', ['--user', '--map-root-user', '--mount', 'true']).status === 0;
if (!hasNamespaces) console.warn('No user namespaces here: the end-to-end suite does not run on the embedded cluster.');

/**
 * Three suites: `quick` needs nothing but Node.js, `embedded` is the end-to-end suite on the embedded cluster, `cluster`
 * the same, but for what is about the embedded cluster alone, on the cluster and engine that KUBECONFIG and DOCKER_HOST
 * name.
 */
export default defineConfig({
  test: {
    root: `${import.meta.dirname}/..`,
    passWithNoTests: false,
    maxWorkers,
    reporters: results ? ['default', ['json', { outputFile: `${results}/${process.pid}.json` }]] : ['default'],
    dangerouslyIgnoreUnhandledErrors: false,
    projects: [
      {
        test: {
          name: 'quick',
          include: ['test/**/*.test.ts'],
          exclude: ['test/cluster/**', 'test/fixtures/**'],
          testTimeout: 20_000,
        },
      },
      ...(hasNamespaces
        ? [
            {
              test: {
                ...endToEnd,
                name: 'embedded',
                globalSetup: 'test/helpers/start-embedded-cluster.ts',
                maxWorkers: maxWorkers + 4,
                sequence: { groupOrder: 1 },
              },
            },
          ]
        : []),
      {
        test: {
          ...endToEnd,
          name: 'cluster',
          exclude: ['test/cluster/embedded/**'],
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
