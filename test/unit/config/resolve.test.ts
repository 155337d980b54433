import { describe, expect, test } from 'vitest';
import { resolve } from '../../../src/config/resolve.ts';
import { toSyncPaths } from '../../../src/config/resolve-dev.ts';
import type { ResolvedConfig } from '../../../src/config/types.ts';
import { checkStrict, upgradeToNewest } from '../../../src/config/versions/ladder.ts';
import type { Data } from '../../../src/config/versions/version.ts';
import { projectFolder } from './project-folder.ts';

function resolved(document: Data & { version: string }): ResolvedConfig {
  expect(checkStrict(document.version, document)).toEqual([]);
  const { model, legacy } = upgradeToNewest(document.version, document, () => {});
  return resolve(model, { projectRoot: '/project', declaredVersion: document.version, legacy });
}

const unpatched = { patches: [], forceConflicts: false };
const quickstart = {
  version: 'v1beta2',
  images: { default: { image: 'localhost:5000/me/app' } },
  deployments: [{ name: 'app', kubectl: { manifests: ['kube'] } }],
  dev: {
    overrideImages: [{ name: 'default', entrypoint: ['sleep', '9999999'] }],
    selectors: [{ name: 'default', labelSelector: { app: 'app' } }],
    ports: [{ selector: 'default', forward: [{ port: 8080, remotePort: 3000 }] }],
    sync: [{ selector: 'default', containerPath: '/app', excludePaths: ['node_modules/'] }],
    terminal: { selector: 'default' },
  },
};

describe('what the engines get', () => {
  test.each([
    ['v1beta2', { build: { custom: { command: './b', flags: ['-q'] } } }, { args: ['-q'], imageArg: 'image' }],
    ['v1beta9', { build: { custom: { command: './b', imageTagOnly: true } } }, { args: [], imageArg: 'tag' }],
    ['v1beta9', { build: { custom: { command: './b', skipImageArg: true } } }, { args: [], imageArg: 'none' }],
    ['v2beta1', { custom: { command: './b' } }, { args: [], imageArg: 'none' }],
  ])('the command that builds an image, of %s', (version, image, expected) => {
    const { images } = resolved({
      version,
      ...(version === 'v2beta1' ? { name: 'p' } : {}),
      images: { web: { image: 'me/web', ...image } },
    });
    const base = { folder: '/project', command: './b', commands: [], appendArgs: [], onChange: [] };
    expect(images[0]?.custom).toEqual({ ...base, ...expected });
  });

  test.each([
    ['v1beta9', { build: { docker: { options: { target: 'dev' } } } }, undefined],
    ['v1beta9', { build: { docker: { useCli: true } } }, { kind: 'docker', command: ['docker'] }],
    ['v1beta9', { build: { docker: { args: ['--pull'] } } }, { kind: 'docker', args: ['--pull'] }],
    ['v1beta9', { build: { docker: { useBuildKit: true } } }, { kind: 'docker', buildKit: true }],
    ['v1beta9', { build: { buildKit: { args: ['-q'] } } }, { kind: 'buildx', command: ['docker', 'buildx'] }],
    ['v2beta1', { buildKit: { command: ['nerdctl'] } }, { kind: 'buildx', command: ['nerdctl'], args: [] }],
  ])('the program that builds an image, of %s with %j', (version, image, expected) => {
    const name = version === 'v2beta1' ? { name: 'p' } : {};
    const { images } = resolved({ version, ...name, images: { web: { image: 'me/web', ...image } } });
    if (expected) expect(images[0]?.cli).toMatchObject(expected);
    else expect(images[0]).not.toHaveProperty('cli');
  });

  test('the quickstart, complete', () => {
    const target = { labelSelector: { app: 'app' } };
    expect(resolved(quickstart)).toEqual({
      version: 'v1beta2',
      projectRoot: '/project',
      images: [
        {
          name: 'default',
          image: 'localhost:5000/me/app',
          tags: [],
          dockerfile: '/project/Dockerfile',
          context: '/project',
          buildArgs: {},
          skipPush: false,
          rebuildStrategy: 'default',
          disabled: false,
          inCluster: {
            when: 'without engine',
            cache: true,
            snapshotMode: 'time',
            args: [],
            insecure: false,
            mountLogin: true,
            additionalMounts: [],
          },
        },
      ],
      deployments: [{ name: 'app', type: 'kubectl', manifests: ['kube'], updateImageTags: true, ...unpatched }],
      pullSecrets: [],
      dev: {
        overrideImages: [{ name: 'default', entrypoint: ['sleep', '9999999'], cmd: [] }],
        replacements: [],
        ports: [{ target, forward: [{ port: 8080, remotePort: 3000, bindAddress: '127.0.0.1' }] }],
        reversePorts: [],
        sync: [
          {
            target,
            localPath: '/project',
            containerPath: '/app',
            file: false,
            excludePaths: ['node_modules/'],
            uploadExcludePaths: [],
            downloadExcludePaths: [],
            initialSync: 'newestLocal',
            initialSyncCompareBy: 'mtime',
            disableUpload: false,
            disableDownload: false,
            waitInitialSync: false,
            noWatch: false,
            polling: false,
            bandwidthLimits: {},
            onUpload: [],
            printsLog: false,
            restartsContainer: false,
            startsContainer: false,
            allReplicas: false,
          },
        ],
        terminal: { disabled: false, target },
        logs: [],
        open: [],
        selectors: [{ name: 'default', target }],
      },
      hooks: [],
    });
  });

  test('images of v1beta2 in full', () => {
    const { images } = resolved({
      version: 'v1beta2',
      images: {
        a: {
          image: 'me/a',
          tag: 'v1',
          dockerfile: 'docker/Dockerfile',
          context: '..',
          build: { docker: { skipPush: true, options: { target: 't', network: 'n', buildArgs: { A: 'b' } } } },
        },
        b: { image: 'me/b', build: { disabled: true } },
      },
    });
    expect(images).toMatchObject([
      {
        name: 'a',
        tags: ['v1'],
        dockerfile: '/project/docker/Dockerfile',
        context: '/',
        target: 't',
        network: 'n',
        buildArgs: { A: 'b' },
        skipPush: true,
        disabled: false,
      },
      { name: 'b', disabled: true },
    ]);
  });

  test('an empty entrypoint is not the same as none', () => {
    const { images } = resolved({
      version: 'v2beta1',
      images: { a: { image: 'x', entrypoint: [], cmd: ['y'] }, b: { image: 'z' } },
    });
    expect(images[0]).toMatchObject({ entrypoint: [], cmd: ['y'] });
    expect(images[1]).not.toHaveProperty('entrypoint');
  });

  test('overrides of Dockerfile and context are absolute', () => {
    const { dev } = resolved({
      version: 'v1beta2',
      dev: { overrideImages: [{ name: 'a', dockerfile: 'Dockerfile.dev', context: 'src' }] },
    });
    expect(dev.overrideImages).toEqual([{ name: 'a', dockerfile: '/project/Dockerfile.dev', context: '/project/src' }]);
  });

  test.each<[string, Data & { version: string }, ResolvedConfig['dev']['terminal']]>([
    ['v1beta2 opens one without being asked', { version: 'v1beta2' }, { disabled: false }],
    [
      'v1beta2: the only selector is the default',
      { version: 'v1beta2', dev: { selectors: [{ name: 's', labelSelector: { a: 'b' }, containerName: 'c' }] } },
      { disabled: false, target: { labelSelector: { a: 'b' }, containerName: 'c' } },
    ],
    [
      'v1beta2: of several selectors none is the default',
      {
        version: 'v1beta2',
        dev: {
          selectors: [
            { name: 's', labelSelector: { a: 'b' } },
            { name: 't', labelSelector: { c: 'd' } },
          ],
          terminal: { command: ['top'] },
        },
      },
      { disabled: false, command: ['top'] },
    ],
    ['v1beta2: disabled', { version: 'v1beta2', dev: { terminal: { disabled: true } } }, { disabled: true }],
    [
      'v1beta2: words stay words',
      { version: 'v1beta2', dev: { terminal: { labelSelector: { a: 'b' }, command: ['echo', 'a b'] } } },
      { disabled: false, target: { labelSelector: { a: 'b' } }, command: ['echo', 'a b'] },
    ],
    ['v1beta9 opens none without being asked', { version: 'v1beta9', dev: { sync: [] } }, { disabled: true }],
    [
      'v2beta1: a line for the shell',
      { version: 'v2beta1', dev: { a: { imageSelector: 'x', terminal: { command: 'npm start' } } } },
      { disabled: false, target: { labelSelector: {}, imageSelector: 'x' }, command: ['sh', '-c', 'npm start'] },
    ],
    [
      'v2beta1: switched off',
      { version: 'v2beta1', dev: { a: { imageSelector: 'x', terminal: { enabled: false } } } },
      { disabled: true, target: { labelSelector: {}, imageSelector: 'x' } },
    ],
  ])('the terminal: %s', (_, document, expected) => {
    expect(resolved(document).dev.terminal).toEqual(expected);
  });

  test('v2beta1: the containers of a pod have services of their own', () => {
    const { dev } = resolved({
      version: 'v2beta1',
      dev: {
        a: {
          labelSelector: { a: 'b' },
          namespace: 'n',
          ports: [{ port: '8080' }, { port: '81:82', bindAddress: '0.0.0.0' }],
          containers: {
            one: { sync: [{}], reversePorts: [{ port: '5432:15432' }] },
            two: { sync: [{ path: './src:/app', waitInitialSync: false }] },
          },
        },
      },
    });
    const target = { labelSelector: { a: 'b' }, namespace: 'n' };
    expect(dev.ports).toEqual([
      {
        target,
        forward: [
          { port: 8080, remotePort: 8080, bindAddress: '127.0.0.1' },
          { port: 81, remotePort: 82, bindAddress: '0.0.0.0' },
        ],
      },
    ]);
    expect(dev.reversePorts).toEqual([
      {
        target: { ...target, containerName: 'one' },
        forward: [{ port: 5432, remotePort: 15432, bindAddress: '127.0.0.1' }],
      },
    ]);
    expect(dev.sync).toMatchObject([
      { target: { ...target, containerName: 'one' }, localPath: '/project', containerPath: '.', waitInitialSync: true },
      {
        target: { ...target, containerName: 'two' },
        localPath: '/project/src',
        containerPath: '/app',
        waitInitialSync: false,
      },
    ]);
  });

  test('deployments: the kind of each, disabled ones are left out', () => {
    const { deployments } = resolved({
      version: 'v1beta11',
      deployments: [
        { name: 'a', helm: { componentChart: true } },
        { name: 'b', namespace: 'n', helm: { chart: { name: 'x' } } },
        { name: 'c', disabled: true, kubectl: { manifests: ['x'] } },
        { name: 'd', kubectl: { manifests: ['x'], kustomize: true } },
      ],
    });
    expect(deployments).toEqual([
      { name: 'a', type: 'component', values: {}, valuesFiles: [], updateImageTags: true },
      expect.objectContaining({ name: 'b', namespace: 'n', type: 'helm', releaseName: 'b', chart: { name: 'x' } }),
      { name: 'd', type: 'kubectl', manifests: ['x'], kustomize: { args: [] }, updateImageTags: true, ...unpatched },
    ]);
  });
});

describe('charts', () => {
  const chartOf = (helm: object, version = 'v2beta1') => {
    const deployments = version === 'v2beta1' ? { web: { helm } } : [{ name: 'web', helm }];
    const [deployment] = resolved({
      version,
      ...(version === 'v2beta1' ? { name: 'x' } : {}),
      deployments,
    }).deployments;
    return deployment;
  };

  test.each([
    [{ name: 'component-chart', repo: 'https://charts.devspace.sh', version: '0.8.6' }, 'component'],
    [{ name: 'component-chart', repo: 'https://charts.devspace.cloud/' }, 'component'],
    [{ name: 'component-chart' }, 'component'],
    [{ name: 'component-chart', repo: 'https://charts.example.com' }, 'helm'],
    [{ name: './component-chart' }, 'helm'],
  ])('%j is deployed as %s', (chart, type) => {
    expect(chartOf({ chart, values: { containers: [{ image: 'x' }] }, releaseName: 'mine' })).toMatchObject({
      type,
      releaseName: 'mine',
    });
  });

  test('a folder is absolute, a repository keeps what it says', () => {
    expect(chartOf({ chart: { path: 'charts', subPath: 'web' } })).toMatchObject({
      chart: { name: '/project/charts/web' },
    });
    expect(chartOf({ chart: { git: 'https://example.com/charts', subPath: 'web', tag: 'v1' } })).toMatchObject({
      chart: { git: { git: 'https://example.com/charts', subPath: 'web', tag: 'v1', disableShallow: false } },
    });
  });

  test('what only older versions say about Helm is kept', () => {
    const helm = { chart: { name: './chart' }, path: '/opt/helm', driver: 'configmap', fetchArgs: ['--devel'] };
    expect(chartOf({ ...helm, deleteArgs: ['--no-hooks'], wait: true, timeout: '90s' }, 'v1beta11')).toMatchObject({
      upgradeArgs: ['--wait', '--timeout', '90s'],
      legacy: { binary: '/opt/helm', driver: 'configmap', fetchArgs: ['--devel'], deleteArgs: ['--no-hooks'] },
    });
  });
});

test('commands of `execRemote`: for each folder and file, then those of `exec`, then that for all of them', () => {
  const onUpload = {
    exec: [{ command: 'all', failOnError: false }],
    execRemote: {
      command: 'chmod',
      args: ['go+r', '{}'],
      onDirCreate: { command: 'chown me {}' },
      onBatch: { command: 'reload' },
    },
  };
  const { dev } = resolved({
    version: 'v1beta11',
    dev: { sync: [{ labelSelector: { app: 'x' }, onUpload }] },
  });
  expect(
    dev.sync[0]?.onUpload.map(({ command, args, each, failOnError }) => [command, args, each, failOnError]),
  ).toEqual([
    ['chown me {}', undefined, 'folder', true],
    ['chmod', ['go+r', '{}'], 'file', true],
    ['all', undefined, undefined, false],
    ['reload', undefined, undefined, true],
  ]);
});

describe('paths of a sync', () => {
  test.each([
    ['', '.', '.'],
    ['./src', './src', './src'],
    ['./src:/app', './src', '/app'],
    [':/app', '.', '/app'],
    ['C:\\src:/app', 'C:\\src', '/app'],
    ['C:/src', 'C:/src', 'C:/src'],
  ])('%s', (text, local, container) => {
    expect(toSyncPaths(text)).toEqual({ local, container });
  });
});

describe('pods that are replaced for development', () => {
  const replacementsOf = async (version: string, dev: string) => {
    const file = `version: ${version}\nname: x\ndev:\n${dev}\n`;
    return (await projectFolder({ 'devspace.yaml': file }).load()).config.dev.replacements;
  };
  const usual = { env: [], isIdle: false, isSynced: false, start: 'itself' };

  test.each<[string, string, object[]]>([
    ['an image', 'devImage: node:20', [{ ...usual, image: 'node:20' }]],
    ['a command', 'command: [run]', [{ ...usual, command: ['run'] }]],
    ['a terminal in place of the program', 'terminal: {}', [{ ...usual, isIdle: true }]],
    ['a command beside a terminal', 'command: [run]\n    terminal: {}', [{ ...usual, command: ['run'] }]],
    [
      'a command that waits for files',
      'command: [run]\n    sync: [{ path: ., startContainer: true }]',
      [{ ...usual, command: ['run'], isSynced: true, start: 'after sync' }],
    ],
    [
      'a command that is started anew',
      'command: [run]\n    sync: [{ path: ., onUpload: { restartContainer: true } }]',
      [{ ...usual, command: ['run'], isSynced: true, start: 'restartable' }],
    ],
    [
      'a named container',
      'containers: { web: { workingDir: /app, sync: [{ path: . }] }, other: {} }',
      [{ ...usual, containerName: 'web', workingDir: '/app', isSynced: true }],
    ],
  ])('%s', async (_, keys, containers) => {
    const target = { labelSelector: { app: 'x' } };
    expect(await replacementsOf('v2beta1', `  a:\n    labelSelector: { app: x }\n    ${keys}`)).toEqual([
      { name: 'a', target, containers, patches: [] },
    ]);
  });

  test.each([
    'ports: [{ port: "80" }]',
    'terminal: { disableReplace: true }',
    'terminal: { enabled: false }',
    'sync: [{ path: . }]',
  ])('none for %s', async (keys) => {
    expect(await replacementsOf('v2beta1', `  a:\n    labelSelector: { app: x }\n    ${keys}`)).toEqual([]);
  });

  test('of older versions, with their patches, and none for their terminals', async () => {
    const replacePods = `  replacePods:
  - imageSelector: me/app
    replaceImage: node:20
    patches: [{ op: remove, path: spec.nodeSelector }]
  terminal: { imageSelector: me/app }`;
    expect(await replacementsOf('v1beta11', replacePods)).toEqual([
      {
        name: expect.any(String),
        target: { labelSelector: {}, imageSelector: 'me/app' },
        containers: [{ ...usual, image: 'node:20' }],
        patches: [{ op: 'remove', path: 'spec.nodeSelector' }],
      },
    ]);
  });
});
