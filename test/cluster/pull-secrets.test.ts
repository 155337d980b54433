import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { devspace } from './support/devspace.ts';
import { signal, useNamespace } from './support/namespace.ts';
import { makeProject, manifestText } from './support/project.ts';

const namespace = useNamespace();
const project = await makeProject('pull');
const flags = ['-n', namespace.name];
const run = (env: Readonly<Record<string, string>> = {}) =>
  devspace(['deploy', '--debug', ...flags], { cwd: project.folder, env });
const read = (kind: string, name: string) =>
  namespace.kube.read({ apiVersion: 'v1', kind, name, namespace: namespace.name }, signal);

async function secretData(): Promise<string> {
  const { data } = (await read('Secret', 'devspace-pull-secrets')) as unknown as { data: Record<string, string> };
  return Buffer.from(data['.dockerconfigjson'] ?? '', 'base64').toString();
}

test('the login of an entry comes into the namespace once, and its password nowhere else', async () => {
  const map = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: one }\n';
  project.write('kube/deployment.yaml', map);
  project.write(
    'devspace.yaml',
    `version: v2beta1
name: pull
pullSecrets:
  partner: { registry: partner.example.com, username: mia, password: geheim-1234 }
deployments:
  app: { kubectl: { manifests: [kube] } }
`,
  );
  const first = await run();
  expect(first.code).toBe(0);
  expect(first.stderr).toContain('Created pull secret devspace-pull-secrets for partner.example.com');
  expect(await secretData()).toContain('"partner.example.com":{"username":"mia","password":"geheim-1234"');
  const account = await read('ServiceAccount', 'default');
  expect(account?.['imagePullSecrets']).toContainEqual({ name: 'devspace-pull-secrets' });
  const second = await run();
  expect(second.stderr).not.toContain('pull secret devspace');
  expect(second.stderr).toContain('Skipped app');
  for (const { stdout, stderr } of [first, second]) expect(stdout + stderr).not.toContain('geheim-1234');
});

const closedRegistry = process.env['TEST_CLOSED_REGISTRY'];
test.runIf(closedRegistry)(
  'pods pull from a registry that wants a login, with the one that Docker stored',
  async () => {
    const image = `${closedRegistry}/devspace-test/${path.basename(project.folder).toLowerCase()}`;
    const auth = Buffer.from('dev:dev-secret').toString('base64');
    writeFileSync(
      path.join(project.folder, 'config.json'),
      JSON.stringify({ auths: { [closedRegistry ?? '']: { auth } } }),
    );
    // else the node would take what the engine that it shares has
    const always = manifestText(image).replace('image:', 'imagePullPolicy: Always, image:');
    project.write('kube/deployment.yaml', always);
    project.write(
      'devspace.yaml',
      `version: v2beta1
name: pull
images:
  app: { image: ${image} }
deployments:
  app: { kubectl: { manifests: [kube] } }
`,
    );
    const result = await run({ DOCKER_CONFIG: project.folder });
    expect(result.code).toBe(0);
    expect(result.stderr).toContain(`Updated pull secret devspace-pull-secrets for ${closedRegistry}`);
    expect(await secretData()).toContain('partner.example.com');
    for (const secret of ['dev-secret', auth]) expect(result.stderr).not.toContain(secret);
  },
);
