import { defineConfig } from 'vitest/config';

/** Where `.ci/run` collects the counts of all runs. */
const results = process.env['DEVSPACE_TEST_RESULTS'];

/** Two suites: `quick` needs nothing but Node.js, `cluster` needs KUBECONFIG and DOCKER_HOST. */
export default defineConfig({
  test: {
    root: `${import.meta.dirname}/..`,
    passWithNoTests: false,
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
      {
        test: {
          name: 'cluster',
          include: ['test/cluster/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
