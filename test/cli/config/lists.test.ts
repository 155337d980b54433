import { describe, expect, test } from 'vitest';
import { place } from './command-line.ts';

const file = `version: v1beta2
images:
  app: { image: me/app }
deployments:
- name: app
  namespace: staging
  kubectl:
    manifests: [kube, more/*.yaml]
- name: web
  helm:
    chart: { name: ./chart }
dev:
  selectors:
  - name: app
    namespace: staging
    containerName: main
    labelSelector: { app: web, tier: front }
  ports:
  - selector: app
    forward:
    - port: 8080
      remotePort: 80
    - port: 9229
  sync:
  - selector: app
    localSubPath: src
    containerPath: /app
    excludePaths: [node_modules/, .git/]
`;

const newFile = `version: v2beta1
dev:
  web:
    imageSelector: me/app
    container: main
    ports:
    - port: "8080:80"
    reversePorts:
    - port: "9003"
`;

describe('lists of the configuration', () => {
  test.each([
    [
      'deployments',
      'NAME   TYPE      NAMESPACE   SOURCE              STATUS\n' +
        'app    kubectl   staging     kube, more/*.yaml   unknown\n' +
        'web    helm                  ./chart             unknown\n',
    ],
    [
      'ports',
      'SELECTOR             CONTAINER   CONNECTIONS        PORTS (LOCAL:REMOTE)\n' +
        'app=web,tier=front               to the container   8080:80, 9229:9229\n',
    ],
    [
      'sync',
      'SELECTOR             CONTAINER   LOCAL PATH   CONTAINER PATH   EXCLUDED PATHS\n' +
        'app=web,tier=front   main        src          /app             node_modules/, .git/\n',
    ],
    ['selectors', 'NAME   NAMESPACE   SELECTOR             CONTAINER\napp    staging     app=web,tier=front   main\n'],
  ])('list %s', async (name, table) => {
    const ran = await place({ 'devspace.yaml': file }).devspace('list', name);
    expect(ran).toMatchObject({ exitCode: 0, stdout: table });
  });

  test('as JSON they have names for everything', async () => {
    const { stdout } = await place({ 'devspace.yaml': file }).devspace('list', 'sync', '--output', 'json');
    expect(JSON.parse(stdout)).toEqual([
      {
        selector: 'app=web,tier=front',
        namespace: 'staging',
        container: 'main',
        local: 'src',
        remote: '/app',
        excluded: ['node_modules/', '.git/'],
      },
    ]);
  });

  test('ports to this machine are listed, too', async () => {
    const { stdout } = await place({ 'devspace.yaml': newFile }).devspace('list', 'ports', '-o', 'json');
    const web = { selector: 'me/app', container: 'main' };
    expect(JSON.parse(stdout)).toEqual([
      { selector: 'me/app', direction: 'to the container', ports: ['8080:80'] },
      { ...web, direction: 'to this machine', ports: ['9003:9003'] },
    ]);
  });

  test('in the newest version the entries under dev are the selectors', async () => {
    const { stdout } = await place({ 'devspace.yaml': newFile }).devspace('list', 'selectors', '-o', 'json');
    expect(JSON.parse(stdout)).toEqual([{ name: 'web', selector: 'me/app', container: 'main' }]);
  });

  test.each(['vars', 'profiles', 'configs', 'commands', 'deployments', 'ports', 'sync', 'selectors'])(
    'list %s with nothing in it says so on stderr, and as JSON is an empty list',
    async (name) => {
      const project = place({ 'devspace.yaml': 'version: v2beta1\n' });
      const table = await project.devspace('list', name);
      expect(table).toMatchObject({ exitCode: 0, stdout: '' });
      expect(table.stderr).toMatch(/^info {2}The (configuration|project) /);
      expect(await project.devspace('list', name, '-o', 'json')).toEqual({ exitCode: 0, stdout: '[]\n', stderr: '' });
    },
  );

  test.each(['vars', 'profiles', 'configs', 'commands', 'ports'])(
    'list %s without a project is exit code 2',
    async (name) => {
      const { exitCode, stdout, stderr } = await place().devspace('list', name);
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
      expect(stderr).toContain('CONFIG_NOT_FOUND');
    },
  );
});
