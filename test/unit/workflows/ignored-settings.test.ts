import path from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { ignoredSettings } from '../../../src/workflows/ignored-settings.ts';

test('names every setting that has no effect', () => {
  const model = {
    version: 'v2beta1',
    hooks: [{ command: 'echo', events: ['after:deploy:*'] }],
    pipelines: { dev: { run: 'start_dev app' } },
    images: {
      app: { image: 'me/app', kaniko: { cache: true } },
      other: { image: 'me/other', buildKit: { args: ['--secret', 'id=a'], inCluster: { rootless: true } } },
    },
    deployments: {
      app: {
        kubectl: {
          manifests: ['kube'],
          applyArgs: ['--force', '--server-side', '--wait=true'],
          createArgs: ['--validate=false'],
        },
      },
    },
    dev: { app: { labelSelector: { app: 'app' }, devImage: 'node:20', persistPaths: [{ path: '/x' }] } },
  };
  expect(ignoredSettings(model, 'v2beta1')).toEqual([
    'pipelines',
    'images.other.buildKit.inCluster',
    'deployments.app.kubectl.applyArgs (--force)',
    'dev.app.persistPaths',
  ]);
});

test('says nothing about what the upgrade of an older file adds', () => {
  const model = { version: 'v2beta1', pipelines: { build: { run: 'build_images --all' } }, hooks: [] };
  expect(ignoredSettings(model, 'v1beta9')).toEqual([]);
});

test('says nothing about the quickstart', async () => {
  const cwd = path.resolve(import.meta.dirname, '../../../docs/examples/quickstart');
  const { model, config } = await loadConfig({ cwd, env: {}, signal: new AbortController().signal });
  expect(ignoredSettings(model, config.version)).toEqual([]);
});
