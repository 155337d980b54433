import { describe, expect, test } from 'vitest';
import { checkVariables } from '../../../../src/config/schema/rules/variables.ts';
import type { Model } from '../../../../src/config/schema/v2beta1.ts';
import { checkSemantics, checkStrict } from '../../../../src/config/versions/ladder.ts';

const selector = { imageSelector: 'me/app' };
const manifests = ['kube'];

/** What is wrong with a model, as `path: message`. */
const wrong: readonly [Model, string][] = [
  [{ name: 'My App' }, 'name: `My App` is not a valid name'],
  [{ require: { plugins: [{ name: 'x' }] } }, 'require.plugins.0: the key `version` is missing'],
  [{ require: { commands: [{ version: '1' }] } }, 'require.commands.0: the key `name` is missing'],
  [{ pipelines: { My_Dev: { run: 'x' } } }, 'pipelines.My_Dev: `My_Dev` is not a valid name'],
  [{ images: { a: {} } }, 'images.a: the key `image` is missing'],
  [{ images: { a: { image: 'a/B' } } }, 'images.a.image: `a/B` is not a valid image name'],
  [{ images: { a: { image: 'b' }, c: { image: 'b' } } }, 'images.c.image: `images.a` has the same image name'],
  [{ images: { a: { image: 'b', custom: {} } } }, 'images.a.custom: the key `command` is missing'],
  [{ images: { a_b: { image: 'b' } } }, 'images.a_b: `a_b` is not a valid name'],
  [{ deployments: { a: {} } }, 'deployments.a: this deployment does not say how it is deployed'],
  [{ deployments: { a: { helm: {}, kubectl: {} } } }, 'deployments.a: `helm` and `kubectl` exclude each other'],
  [{ deployments: { a: { kubectl: {} } } }, 'deployments.a.kubectl: the key `manifests` is missing'],
  [
    { deployments: { a: { kubectl: { manifests, inlineManifest: 'x' } } } },
    'deployments.a.kubectl: `manifests` and `inlineManifest` exclude each other',
  ],
  [
    { deployments: { a: { kubectl: { manifests, patches: [{ target: { name: 'x' }, op: 'add', path: 'y' }] } } } },
    'deployments.a.kubectl.patches.0: the key `value` is missing',
  ],
  [
    { deployments: { a: { kubectl: { manifests, patches: [{ op: 'remove', path: 'y' }] } } } },
    'deployments.a.kubectl.patches.0.target: the key `name` is missing',
  ],
  [
    { deployments: { a: { helm: { values: { containrs: [] } } } } },
    'deployments.a.helm.values.containrs: unknown key `containrs` in the values of the component chart',
  ],
  [{ dev: { a: {} } }, 'dev.a: this entry does not say which pod is meant'],
  [{ dev: { a: { labelSelector: {} } } }, 'dev.a: this entry does not say which pod is meant'],
  [
    { dev: { a: { ...selector, labelSelector: { b: 'c' } } } },
    'dev.a: `imageSelector` and `labelSelector` exclude each other',
  ],
  [{ dev: { a: { ...selector, ports: [{}] } } }, 'dev.a.ports.0: the key `port` is missing'],
  [
    { dev: { a: { ...selector, ports: [{ port: '1:2:3' }] } } },
    'dev.a.ports.0.port: `1:2:3` is not a port and is not forwarded',
  ],
  [
    { dev: { a: { ...selector, ports: [{ port: '70000' }] } } },
    'dev.a.ports.0.port: `70000` is not a port and is not forwarded',
  ],
  [{ dev: { a: { ...selector, reversePorts: [{}] } } }, 'dev.a.reversePorts.0: the key `port` is missing'],
  [
    { dev: { a: { ...selector, reversePorts: [{ port: 'x' }] } } },
    'dev.a.reversePorts.0.port: `x` is not a port and is not forwarded',
  ],
  [{ dev: { a: { ...selector, persistPaths: [{}] } } }, 'dev.a.persistPaths.0: the key `path` is missing'],
  [
    { dev: { a: { ...selector, sync: [{ excludePaths: [''] }] } } },
    'dev.a.sync.0.excludePaths.0: the pattern is empty',
  ],
  [
    { dev: { a: { ...selector, containers: { c: { sync: [{ onUpload: { exec: [{}] } }] } } } } },
    'dev.a.containers.c.sync.0.onUpload.exec.0: the key `command` is missing',
  ],
  [
    { dev: { a: { ...selector, devImage: 'x', containers: { c: { devImage: 'y' } } } } },
    'dev.a.devImage: `devImage` does not count here, because there are `containers`',
  ],
  [
    { dev: { a: { ...selector, sync: [{ path: '.:/app' }], containers: { c: {} } } } },
    'dev.a.sync: `sync` does not count here, because there are `containers`',
  ],
  [{ hooks: [{ command: 'x' }] }, 'hooks.0: the key `events` is missing'],
  [{ hooks: [{ events: ['a'] }] }, 'hooks.0: this hook does nothing'],
  [
    { hooks: [{ events: ['a'], command: 'x', logs: {}, container: selector }] },
    'hooks.0: this hook does several things',
  ],
  [{ hooks: [{ events: ['a'], upload: {} }] }, 'hooks.0: the key `container` is missing'],
  [{ hooks: [{ events: ['a'], wait: {}, container: selector }] }, 'hooks.0.wait: this waits for nothing'],
  [
    { hooks: [{ events: ['a'], logs: {}, container: { containerName: 'c' } }] },
    'hooks.0.container: the key `labelSelector` is missing',
  ],
  [
    { hooks: [{ events: ['a'], logs: {}, container: { namespace: 'n' } }] },
    'hooks.0.container: this does not say which pod is meant',
  ],
  [{ pullSecrets: { a: {} } }, 'pullSecrets.a: the key `registry` is missing'],
  [{ commands: { a: { description: 'x' } } }, 'commands.a: the key `command` is missing'],
  [{ commands: { 'a b': { command: 'x' } } }, 'commands.a b: `a b` is not a valid name'],
  [{ dependencies: { a: {} } }, 'dependencies.a: this does not say where it comes from'],
  [{ functions: { test: 'x' } }, 'functions.test: `test` is a word of the shell itself'],
];

/** What looks odd and is allowed. */
const right: readonly Model[] = [
  {},
  { name: 'my-app' },
  { images: { a: { image: '${REGISTRY}/${NAME}' }, b: { image: '${REGISTRY}/${NAME}' } } },
  { images: { a: { image: 'localhost:5000/Me'.toLowerCase() }, b: { image: 'gcr.io/a-b/c_d:1.2' } } },
  { images: { a: { image: 'a', custom: { commands: [{ command: 'x', os: 'linux' }] } } } },
  { deployments: { a: { helm: { chart: { name: 'x' }, values: { anything: 1 } } } } },
  { deployments: { a: { kubectl: { inlineManifest: 'x' } } } },
  { dev: { a: { ...selector, ports: ['8080', '80:8080', '${PORT}', '1-3', '1-3:5-7'].map((port) => ({ port })) } } },
  { dev: { a: { ...selector, devImage: 'x', containers: { c: { devImage: 'x' } } } } },
  {
    hooks: [
      { events: ['a'], wait: { terminatedWithCode: 0 }, container: { labelSelector: { a: 'b' }, containerName: 'c' } },
    ],
  },
  { commands: { my_command: 'echo' } },
  { functions: { greet: 'echo hi' } },
];

describe('the semantic check', () => {
  test.each(wrong)('%o', (model, expected) => {
    expect(checkSemantics(model).map(({ path, message }) => `${path.join('.')}: ${message}`)).toEqual([expected]);
  });

  test.each(right.map((model) => [model]))('allows %o', (model) => {
    expect(checkSemantics(model)).toEqual([]);
    expect(checkStrict('v2beta1', { version: 'v2beta1', ...model })).toEqual([]);
  });

  test('unknown values of the component chart are warnings only', () => {
    const [finding] = checkSemantics({ deployments: { a: { helm: { values: { x: 1 } } } } });
    expect(finding?.severity).toBe('warning');
  });
});

describe('the check of variables', () => {
  test.each<[unknown, string[]]>([
    [{ 'MY VAR': 'x' }, ['error vars.MY VAR: `MY VAR` is not a valid name']],
    [{ A: { value: 1, default: 2 } }, ['error vars.A: `value` and `default` exclude each other']],
    [[{ name: 'A' }, { name: 'A' }], ['warning vars.0: the variable `A` is defined again below']],
    [[{ name: 'A.B' }], ['error vars.0.name: `A.B` is not a valid name']],
    [[{ name: 5 }], []],
    [{ A: 'x', B_c: { default: 1 } }, []],
    [undefined, []],
    ['x', []],
  ])('%o', (vars, expected) => {
    expect(
      checkVariables(vars).map(({ severity, path, message }) => `${severity} ${path.join('.')}: ${message}`),
    ).toEqual(expected);
  });
});
