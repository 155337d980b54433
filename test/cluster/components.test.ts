import { expect, test } from 'vitest';
import { devspace } from './support/devspace.ts';
import { signal, useNamespace } from './support/namespace.ts';
import { makeProject } from './support/project.ts';

const namespace = useNamespace();
const project = await makeProject('component');
const flags = ['-n', namespace.name];

const config = (message: string): string => `version: v2beta1
name: component
images:
  web: { image: ${project.image} }
deployments:
  settings:
    kubectl: { manifests: [settings.yaml] }
  web:
    helm:
      values:
        containers:
        - image: \${runtime.images.web}
          env: [{ name: MESSAGE, value: ${message} }]
          volumeMounts:
          - { containerPath: /settings, volume: { name: settings, readOnly: true } }
          - { containerPath: /scratch, volume: { name: scratch } }
        volumes:
        - { name: settings, configMap: { name: settings } }
        - { name: scratch, emptyDir: {} }
        service: { ports: [{ port: 80, containerPort: 3000 }] }
        ingress: { rules: [{ host: web.example.com }] }
        autoScaling: { horizontal: { maxReplicas: 2, averageCPU: 500m } }
        terminationGracePeriodSeconds: 0
`;

test('a component is deployed with the image of the run, changed in place, and purged', async () => {
  const settings = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings }\ndata: { greeting: hello }\n';
  project.write('settings.yaml', settings);
  project.write('devspace.yaml', config('first'));
  const run = (...args: string[]) => devspace([...args, ...flags], { cwd: project.folder });
  const hasV2 = () =>
    namespace.kube.isNamespaced({ apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' }, signal);
  const podOfNow = async () => {
    const selector = 'app.kubernetes.io/name=devspace-app,app.kubernetes.io/component=web';
    const pods = (await namespace.pods(selector)).filter(({ metadata }) => !metadata.deletionTimestamp);
    expect(pods).toHaveLength(1);
    const [pod] = pods;
    return { namespace: namespace.name, pod: pod?.metadata.name ?? '', container: 'container-0', spec: pod?.spec };
  };

  expect(await run('deploy')).toMatchObject({ code: 0 });
  const first = await podOfNow();
  expect(first.spec?.containers[0]?.image).toMatch(new RegExp(`^${project.image}:[0-9a-f]{16}$`));
  expect(await namespace.exec(first, 'sh', '-c', 'cat /settings/greeting; : >/scratch/x; echo " $MESSAGE"')).toBe(
    'hello first\n',
  );
  const service = { apiVersion: 'v1', kind: 'Service', name: 'web', namespace: namespace.name };
  expect((await namespace.kube.read(service, signal))?.['spec']).toMatchObject({
    ports: [{ name: 'port-0', port: 80, targetPort: 3000 }],
  });

  project.write('devspace.yaml', config('second'));
  expect(await run('deploy')).toMatchObject({ code: 0 });
  expect(await namespace.exec(await podOfNow(), 'printenv', 'MESSAGE')).toBe('second\n');

  expect(await run('purge')).toMatchObject({ code: 0 });
  const kinds = [
    { apiVersion: 'apps/v1', kind: 'Deployment' },
    { apiVersion: 'v1', kind: 'Service' },
    { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' },
    { apiVersion: (await hasV2()) ? 'autoscaling/v2' : 'autoscaling/v2beta2', kind: 'HorizontalPodAutoscaler' },
  ];
  for (const kind of kinds) {
    expect(await namespace.kube.list({ ...kind, namespace: namespace.name }, signal), kind.kind).toEqual([]);
  }
});
