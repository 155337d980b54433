import { describe, expect, test } from 'vitest';
import type { Finding } from '../../../../src/config/finding.ts';
import { checkSemantics, checkStrict, upgradeToNewest } from '../../../../src/config/versions/ladder.ts';
import { toPrintShape } from '../../../../src/config/versions/model.ts';
import type { Data } from '../../../../src/config/versions/version.ts';

/** The newest shape of a v1beta11 document, and what is said about it. */
function upgrade(data: Data): { print: Data; findings: Finding[]; toDeclared: (path: string) => string } {
  const document = { version: 'v1beta11', ...data };
  expect(checkStrict('v1beta11', document)).toEqual([]);
  const findings: Finding[] = [];
  const { model, origins } = upgradeToNewest('v1beta11', document, (finding) => findings.push(finding));
  expect(checkStrict('v2beta1', { ...model })).toEqual([]);
  const toDeclared = (path: string): string => origins.toDeclared(path.split('.').map(toPart)).join('.');
  return { print: toPrintShape(model), findings, toDeclared };
}

const toPart = (part: string): string | number => (/^\d+$/.test(part) ? Number(part) : part);

describe('images', () => {
  const image = (data: Data): unknown => upgrade({ images: { app: { image: 'me/app', ...data } } }).print.images;

  test.each<[string, Data, Data]>([
    ['the strategy is written down', {}, { rebuildStrategy: 'default' }],
    [
      'BuildKit wins over Docker, Docker over kaniko',
      {
        build: { kaniko: { options: { target: 'k' } }, docker: { options: { target: 'd' } } },
      },
      { target: 'd', rebuildStrategy: 'default', docker: {}, kaniko: { cache: true } },
    ],
    [
      'options move to the image',
      {
        build: { buildKit: { skipPush: true, options: { network: 'host', buildArgs: { A: 'b' } } } },
      },
      { network: 'host', buildArgs: { A: 'b' }, skipPush: true, rebuildStrategy: 'default', buildKit: {} },
    ],
    ['kaniko without cache', { build: { kaniko: { cache: false } } }, { rebuildStrategy: 'default', kaniko: {} }],
    [
      'a custom build gets the image',
      { build: { custom: { command: 'c' } } },
      {
        rebuildStrategy: 'default',
        custom: { command: 'c', skipImageArg: false },
      },
    ],
    [
      'unless it does not want it',
      { build: { custom: { command: 'c', skipImageArg: true } } },
      {
        rebuildStrategy: 'default',
        custom: { command: 'c' },
      },
    ],
    [
      'the restart helper of the image',
      { injectRestartHelper: true, rebuildStrategy: 'always' },
      {
        rebuildStrategy: 'always',
        injectLegacyRestartHelper: true,
      },
    ],
    [
      'a tag in the name comes first',
      { image: 'me/app:1', tags: ['2'] },
      {
        tags: ['1', '2'],
        rebuildStrategy: 'default',
      },
    ],
  ])('%s', (_, data, expected) => {
    expect(image(data)).toEqual({ app: { image: 'me/app', ...expected } });
  });

  test('a name becomes safe, also in the pipelines', () => {
    const { print } = upgrade({
      images: { My_App: { image: 'me/app' }, off: { image: 'me/off', build: { disabled: true } } },
    });
    expect(Object.keys(print.images as Data)).toEqual(['myapp', 'off']);
    expect(print.pipelines).toMatchObject({ build: { run: 'build_images myapp' } });
  });

  test('each registry but Docker Hub gets one pull secret', () => {
    const { print } = upgrade({
      pullSecrets: [
        { registry: 'one.example.com', username: 'u' },
        { registry: 'two.example.com', disabled: true },
      ],
      images: {
        hub: { image: 'me/app' },
        one: { image: 'one.example.com/app' },
        local: { image: 'localhost:5000/app' },
        again: { image: 'localhost:5000/again' },
        refused: { image: 'three.example.com/app', createPullSecret: false },
        variable: { image: '${REGISTRY}/app' },
      },
    });
    expect(print.pullSecrets).toEqual({
      'pull-secret-0': { registry: 'one.example.com', username: 'u' },
      'pull-secret-1': { registry: 'two.example.com' },
      local: { registry: 'localhost:5000' },
    });
    expect(print.pipelines).toMatchObject({
      deploy: { run: 'ensure_pull_secrets pull-secret-0 local\nbuild_images hub one local again refused variable' },
    });
  });
});

describe('deployments', () => {
  test('switches of Helm become arguments', () => {
    const helm = { wait: true, timeout: '9s', atomic: true, cleanupOnFail: true, force: true, disableHooks: true };
    const { print } = upgrade({ deployments: [{ name: 'a', helm: { ...helm, upgradeArgs: ['-x'] } }] });
    const upgradeArgs = ['-x', '--wait', '--timeout', '9s', '--atomic', '--cleanup-on-fail', '--force', '--no-hooks'];
    expect(print.deployments).toEqual({ a: { helm: { upgradeArgs } } });
  });

  test('a chart from git is a source', () => {
    const { print } = upgrade({ deployments: [{ name: 'a', helm: { chart: { git: { url: 'u', subPath: 's' } } } }] });
    expect(print.deployments).toEqual({ a: { helm: { chart: { git: 'u', subPath: 's' } } } });
  });

  test('what has no effect any more is told with its place', () => {
    const { findings } = upgrade({
      deployments: [
        { name: 'a', helm: { recreate: true, tillerNamespace: 'x', v2: true } },
        { name: 'b', kubectl: { deleteArgs: ['x'] } },
      ],
    });
    expect(findings.map(({ path, severity }) => `${severity} ${path.join('.')}`)).toEqual([
      'warning deployments.0.helm.recreate',
      'warning deployments.0.helm.tillerNamespace',
      'warning deployments.1.kubectl.deleteArgs',
    ]);
  });

  test('concurrent ones go first, disabled ones nowhere', () => {
    const kubectl = { manifests: ['kube'], cmdPath: 'k', replaceImageTags: false };
    const { print } = upgrade({
      deployments: [
        { name: 'a', kubectl },
        { name: 'b', concurrent: true, kubectl },
        { name: 'c', disabled: true, kubectl },
        { name: 'd', concurrent: true, kubectl },
      ],
    });
    expect(print.pipelines).toMatchObject({
      deploy: { run: 'create_deployments b d\ncreate_deployments a --sequential' },
      purge: { run: 'stop_dev --all\npurge_deployments b d\npurge_deployments a --sequential' },
    });
    expect((print.deployments as Data).a).toEqual({
      kubectl: { manifests: ['kube'], kubectlBinaryPath: 'k' },
      updateImageTags: false,
    });
  });
});

describe('dev', () => {
  test('equal selectors go together under the first name', () => {
    const { print } = upgrade({
      dev: {
        replacePods: [
          { labelSelector: { a: 'b', c: 'd' }, replaceImage: 'i', persistPaths: [{ path: '/p', containerName: 'x' }] },
        ],
        ports: [
          { labelSelector: { c: 'd', a: 'b' }, forward: [{ port: 1, remotePort: 2, bindAddress: 'x' }, { port: 3 }] },
        ],
        sync: [{ name: 'Code', imageSelector: 'me/app', localSubPath: './src', disableDownload: true }],
        terminal: { imageSelector: 'me/app', command: ['npm', 'start'], workDir: '/w' },
        logs: { showLast: 7, selectors: [{ imageSelector: 'me/app' }] },
        open: [{ url: 'http://localhost:1' }],
      },
    });
    expect(print.dev).toEqual({
      'replace-0': {
        labelSelector: { a: 'b', c: 'd' },
        devImage: 'i',
        persistPaths: [{ path: '/p' }],
        ports: [{ port: '1:2', bindAddress: 'x' }, { port: '3' }],
        open: [{ url: 'http://localhost:1' }],
        restartHelper: { inject: false },
      },
      code: {
        imageSelector: 'me/app',
        sync: [{ path: './src:.', disableDownload: true, printLogs: true }],
        terminal: { command: 'npm start', workDir: '/w', enabled: true, disableReplace: true, disableScreen: true },
        logs: { enabled: true, lastLines: 7 },
        restartHelper: { inject: false },
      },
    });
  });

  test('several containers of one pod are kept apart', () => {
    const { print } = upgrade({
      dev: {
        sync: [
          { labelSelector: { a: 'b' }, containerName: 'web' },
          { labelSelector: { a: 'b' }, containerName: 'api' },
        ],
      },
    });
    const container = { sync: [{ path: '.:.' }], restartHelper: { inject: false } };
    expect(print.dev).toEqual({
      'sync-0': { labelSelector: { a: 'b' }, containers: { web: container, api: container } },
    });
  });

  test('a single named container stands in the pod', () => {
    const { print } = upgrade({
      dev: {
        sync: [{ labelSelector: { a: 'b' } }, { labelSelector: { a: 'b' }, containerName: 'api', namespace: 'n' }],
      },
    });
    expect(print.dev).toMatchObject({ 'sync-0': { container: 'api', namespace: 'n', sync: [{}, {}] } });
  });

  test('different namespaces are different pods, equal names get a number', () => {
    const { print } = upgrade({
      dev: {
        logs: {
          selectors: [
            { imageSelector: 'a', namespace: 'one' },
            { imageSelector: 'a', namespace: 'two' },
            { imageSelector: 'b' },
          ],
        },
      },
    });
    expect(Object.keys(print.dev as Data)).toEqual(['logs', 'logs-1', 'logs-2']);
  });

  test('reverse ports belong to the container', () => {
    const { print } = upgrade({
      dev: { ports: [{ imageSelector: 'a', containerName: 'c', arch: 'arm64', reverseForward: [{ port: 1 }] }] },
    });
    expect(print.dev).toMatchObject({ 'ports-0': { container: 'c', arch: 'arm64', reversePorts: [{ port: '1' }] } });
  });

  test('what nothing does any more is told', () => {
    const { findings } = upgrade({
      dev: {
        autoReload: { paths: ['a'] },
        sync: [{ imageSelector: 'a', throttleChangeDetection: 5, onDownload: {} }],
      },
    });
    expect(findings.map(({ path }) => path.join('.'))).toEqual([
      'dev.sync.0.throttleChangeDetection',
      'dev.sync.0.onDownload',
      'dev.autoReload',
    ]);
  });

  test('parts that name no pod go to the only one, and that is told', () => {
    const { findings, print } = upgrade({
      dev: {
        ports: [{ forward: [{ port: 1 }] }],
        terminal: {},
        open: [{ url: 'x' }],
        sync: [{ labelSelector: { app: 'a' }, namespace: 'n' }],
      },
    });
    expect(findings.map(({ path, severity, message }) => `${severity} ${path.join('.')}: ${message}`)).toEqual([
      'warning dev.ports.0: this names no pod: the only one under `dev` is taken',
      'warning dev.terminal: this names no pod: the only one under `dev` is taken',
    ]);
    expect(print.dev).toMatchObject({
      'ports-0': {
        labelSelector: { app: 'a' },
        namespace: 'n',
        ports: [{ port: '1' }],
        open: [{ url: 'x' }],
        terminal: {},
      },
    });
  });

  test('without any pod the one of the only image is meant', () => {
    const { findings, print } = upgrade({ images: { app: { image: 'me/app' } }, dev: { open: [{ url: 'x' }] } });
    expect(findings).toEqual([]);
    expect(print.dev).toMatchObject({ open: { imageSelector: 'image(app):tag(app)', open: [{ url: 'x' }] } });
  });

  test.each([
    ['two pods', { sync: [{ imageSelector: 'a' }, { imageSelector: 'b' }] }, ['sync-0', 'sync-1']],
    ['none, and no image', {}, []],
  ])('nobody guesses: %s', (_, dev, names) => {
    const { findings, print } = upgrade({ dev: { ports: [{ forward: [{ port: 1 }] }], ...dev } });
    expect(findings.map(({ message }) => message)).toEqual(['this has no effect, because it names no pod']);
    expect(Object.keys((print.dev ?? {}) as Data)).toEqual(names);
  });

  test('a terminal without a pod runs its command on this machine', () => {
    const { print } = upgrade({ dev: { terminal: { command: ['echo', "it's"] } } });
    expect(print.pipelines).toMatchObject({ dev: { run: `start_dev --all\n'echo' 'it'"'"'s'` } });
  });
});

describe('dependencies, commands and variables', () => {
  test('the source moves up, active ones run', () => {
    const { print, findings } = upgrade({
      dependencies: [
        {
          name: 'My Api',
          source: { path: '../api', configName: 'dev.yaml' },
          profile: 'p',
          profiles: ['a'],
          profileParents: ['z'],
        },
        {
          name: 'off',
          disabled: true,
          skipBuild: true,
          dev: { sync: true },
          source: { git: 'g', configName: 'c.yaml' },
        },
        { name: 'vars', source: { git: 'g', disableShallow: true }, vars: [{ name: 'A', value: 'b' }] },
      ],
    });
    expect(print.dependencies).toEqual({
      'my-api': { path: '../api/dev.yaml', profiles: ['z', 'a', 'p'] },
      off: { git: 'g', subPath: 'c.yaml', disabled: true },
      vars: { git: 'g', disableShallow: true, vars: { A: 'b' } },
    });
    expect(print.pipelines).toMatchObject({
      build: { run: 'run_dependencies my-api --pipeline build\nrun_dependencies vars --pipeline build' },
      purge: {
        run: 'stop_dev --all\n\nrun_dependencies my-api --pipeline purge\nrun_dependencies vars --pipeline purge',
      },
    });
    expect(findings.map(({ path }) => path.join('.'))).toEqual(['dependencies.1.dev', 'dependencies.1.skipBuild']);
  });

  test('lists become maps; only the env file stays of the variables', () => {
    const { print } = upgrade({
      vars: [{ name: 'A', value: 'b' }],
      commands: [{ name: 'Run_all Tests', command: 'x', appendArgs: true }],
    });
    expect(print.commands).toEqual({ 'run_all-tests': { command: 'x', appendArgs: true } });
    expect(print.vars).toEqual({ DEVSPACE_ENV_FILE: { value: '.env', alwaysResolve: false } });
  });
});

describe('origins', () => {
  const { toDeclared } = upgrade({
    images: { My_App: { image: 'r.example.com/app', build: { docker: { args: ['x'] } } } },
    deployments: [
      { name: 'first', kubectl: { manifests: ['a'] } },
      { name: 'second', helm: { values: { a: 1 } } },
    ],
    dependencies: [{ name: 'dep', source: { path: 'x' } }],
    commands: [{ name: 'c', command: 'x' }],
    dev: {
      replacePods: [{ imageSelector: 'a', replaceImage: 'i' }],
      ports: [
        { imageSelector: 'b', forward: [{ port: 1 }] },
        { imageSelector: 'a', forward: [{ port: 2 }] },
      ],
      sync: [{ imageSelector: 'a' }],
      terminal: { imageSelector: 'a' },
    },
  });

  test.each([
    ['images.myapp.image', 'images.My_App.image'],
    ['images.myapp.docker.args.0', 'images.My_App.build.docker.args.0'],
    ['pullSecrets.myapp.registry', 'images.My_App.registry'],
    ['deployments.second.helm.values.a', 'deployments.1.helm.values.a'],
    ['dependencies.dep.path', 'dependencies.0.source.path'],
    ['commands.c.command', 'commands.0.command'],
    ['dev.replace-0', 'dev.replacePods.0'],
    ['dev.replace-0.devImage', 'dev.replacePods.0.replaceImage'],
    ['dev.replace-0.ports.0.port', 'dev.ports.1.forward.0.port'],
    ['dev.ports-0.ports.0', 'dev.ports.0.forward.0'],
    ['dev.replace-0.sync.0.path', 'dev.sync.0.path'],
    ['dev.replace-0.terminal.enabled', 'dev.terminal.enabled'],
    ['name', 'name'],
  ])('%s came from %s', (path, declared) => {
    expect(toDeclared(path)).toBe(declared);
  });

  test('through all versions', () => {
    const document = {
      version: 'v1alpha1',
      devSpace: { deployments: [{ name: 'app', helm: { chartPath: 'chart' } }] },
    };
    const { origins, model } = upgradeToNewest('v1alpha1', document, () => {});
    expect(model.deployments).toMatchObject({ app: { helm: { chart: { name: 'chart' } } } });
    expect(origins.toDeclared(['deployments', 'app', 'helm', 'chart'])).toEqual([
      'devSpace',
      'deployments',
      0,
      'helm',
      'chartPath',
    ]);
    expect(checkSemantics(model)).toEqual([]);
  });
});

describe('profiles', () => {
  test('their sections come along, strategic merges as merges', () => {
    const document = {
      version: 'v1beta9',
      profiles: [
        { name: 'a', parent: 'b', replace: { deployments: [{ name: 'My App', kubectl: { manifests: ['x'] } }] } },
        {
          name: 'b',
          strategicMerge: { vars: [{ name: 'A', default: 'b' }], images: { app: { image: 'me/app' }, old: null } },
        },
        { name: 'c', patches: [{ op: 'remove', path: 'images.app.tags' }] },
      ],
    };
    expect(checkStrict('v1beta9', document)).toEqual([]);
    const { model } = upgradeToNewest('v1beta9', document, () => {});
    expect(checkStrict('v2beta1', { ...model })).toEqual([]);
    expect(model.profiles).toEqual([
      { name: 'a', parent: 'b', replace: { deployments: { 'my-app': { kubectl: { manifests: ['x'] } } } } },
      {
        name: 'b',
        merge: { vars: { A: { alwaysResolve: false, default: 'b' } }, images: { app: { image: 'me/app' }, old: null } },
      },
      { name: 'c', patches: [{ op: 'remove', path: 'images.app.tags' }] },
    ]);
  });
});
