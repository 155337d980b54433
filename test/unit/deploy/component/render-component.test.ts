import { describe, expect, test } from 'vitest';
import { renderComponent } from '../../../../src/deploy/component/render-component.ts';
import type { KubeObject } from '../../../../src/kube/objects.ts';
import { thrownBy } from '../../../helpers/error-of.ts';

const labels = { 'app.kubernetes.io/name': 'devspace-app', 'app.kubernetes.io/component': 'web' };
const render = (values: Record<string, unknown>) => renderComponent('web', values);
const ofKind = (objects: readonly KubeObject[], kind: string) => objects.filter((object) => object.kind === kind);
const kinds = (values: Record<string, unknown>) => render(values).map(({ kind }) => kind);

test('containers alone become a Deployment whose pods carry the labels that configurations select by', () => {
  expect(render({ containers: [{ image: 'me/web' }], labels: { team: 'a' }, annotations: { note: 'b' } })).toEqual([
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', labels },
      spec: {
        replicas: 1,
        strategy: { type: 'Recreate' },
        selector: { matchLabels: labels },
        template: {
          metadata: { labels: { team: 'a', ...labels }, annotations: { note: 'b' } },
          spec: { containers: [{ name: 'container-0', image: 'me/web' }] },
        },
      },
    },
  ]);
});

test('fields of containers and pods go through as Kubernetes has them', () => {
  const probe = { httpGet: { path: '/', port: 80 } };
  const [deployment] = render({
    containers: [
      { name: 'a', image: 'i', env: [{ name: 'X', value: '1' }], livenessProbe: probe, command: [], tty: true },
    ],
    initContainers: [{ image: 'first' }],
    pullSecrets: ['login'],
    nodeSelector: { disk: 'ssd' },
    terminationGracePeriodSeconds: 5,
    tolerations: [],
  });
  expect(deployment?.spec).toMatchObject({
    template: {
      spec: {
        nodeSelector: { disk: 'ssd' },
        terminationGracePeriodSeconds: 5,
        imagePullSecrets: [{ name: 'login' }],
        initContainers: [{ name: 'init-container-0', image: 'first' }],
        containers: [{ name: 'a', image: 'i', env: [{ name: 'X', value: '1' }], livenessProbe: probe, tty: true }],
      },
    },
  });
  expect(JSON.stringify(deployment)).not.toContain('tolerations');
  expect(JSON.stringify(deployment)).not.toContain('command');
});

test('a service has the ports of the component, reached under its name', () => {
  const service = {
    name: 'front',
    type: 'NodePort',
    ports: [
      { port: 80, containerPort: 3000 },
      { port: 53, protocol: 'UDP' },
    ],
  };
  expect(ofKind(render({ containers: [{ image: 'i' }], service }), 'Service')).toMatchObject([
    {
      metadata: { name: 'front', labels },
      spec: {
        type: 'NodePort',
        selector: labels,
        ports: [
          { name: 'port-0', port: 80, targetPort: 3000, protocol: 'TCP' },
          { name: 'port-1', port: 53, targetPort: 53, protocol: 'UDP' },
        ],
      },
    },
  ]);
  expect(kinds({ containers: [{ image: 'i' }], service: { type: 'ClusterIP' } })).toEqual(['Deployment']);
});

describe('volumes', () => {
  const mount = (name: string, more = {}) => ({ containerPath: '/data', volume: { name, ...more } });

  test('of the pod itself stay with a Deployment', () => {
    const [deployment] = render({
      containers: [{ image: 'i', volumeMounts: [mount('conf', { subPath: 'a', readOnly: true })] }],
      volumes: [{ name: 'conf', configMap: { name: 'settings' } }, { name: 'scratch' }],
    });
    expect(deployment).toMatchObject({
      kind: 'Deployment',
      spec: {
        template: {
          spec: {
            containers: [{ volumeMounts: [{ name: 'conf', mountPath: '/data', subPath: 'a', readOnly: true }] }],
            volumes: [
              { name: 'conf', configMap: { name: 'settings' } },
              { name: 'scratch', emptyDir: {} },
            ],
          },
        },
      },
    });
  });

  test('with a size make a StatefulSet with a claim for each pod and a headless service', () => {
    const objects = render({
      containers: [{ image: 'i', volumeMounts: [mount('data')] }],
      volumes: [{ name: 'data', size: '5Gi', storageClassName: 'fast' }],
      replicas: 2,
      podManagementPolicy: 'Parallel',
      rollingUpdate: { enabled: true, partition: 1 },
    });
    expect(objects).toMatchObject([
      { kind: 'Service', metadata: { name: 'web-headless' }, spec: { clusterIP: 'None', selector: labels } },
      {
        kind: 'StatefulSet',
        spec: {
          replicas: 2,
          serviceName: 'web-headless',
          podManagementPolicy: 'Parallel',
          updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } },
          volumeClaimTemplates: [
            {
              metadata: { name: 'data' },
              spec: {
                accessModes: ['ReadWriteOnce'],
                storageClassName: 'fast',
                resources: { requests: { storage: '5Gi' } },
              },
            },
          ],
        },
      },
    ]);
    expect(JSON.stringify(objects)).not.toContain('"volumes"');
  });

  test('that are shared are claims which a Deployment mounts', () => {
    const objects = render({
      containers: [{ image: 'i', volumeMounts: [mount('data', { shared: true })] }],
      volumes: [{ name: 'data', size: '1Gi', accessModes: ['ReadWriteMany'] }],
    });
    expect(objects).toMatchObject([
      { kind: 'PersistentVolumeClaim', metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteMany'] } },
      {
        kind: 'Deployment',
        spec: { template: { spec: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] } } },
      },
    ]);
  });
});

test('an ingress sends its rules to the service, with certificates by name', () => {
  const [ingress] = ofKind(
    render({
      containers: [{ image: 'i' }],
      service: { ports: [{ port: 80 }] },
      ingress: {
        tls: 'true',
        ingressClass: 'nginx',
        tlsClusterIssuer: 'letsencrypt',
        rules: [
          { host: 'a.example.com' },
          { host: 'a.example.com', path: '/api', servicePort: 8080, serviceName: 'api', tls: 'own' },
        ],
      },
    }),
    'Ingress',
  );
  expect(ingress).toMatchObject({
    apiVersion: 'networking.k8s.io/v1',
    metadata: {
      annotations: { 'kubernetes.io/ingress.class': 'nginx', 'cert-manager.io/cluster-issuer': 'letsencrypt' },
    },
    spec: {
      rules: [
        {
          host: 'a.example.com',
          http: {
            paths: [
              { path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } },
              { path: '/api', backend: { service: { name: 'api', port: { number: 8080 } } } },
            ],
          },
        },
      ],
      tls: [
        { hosts: ['a.example.com'], secretName: 'tls-a-example-com' },
        { hosts: ['a.example.com'], secretName: 'own' },
      ],
    },
  });
});

test('a rule of an ingress without any port is refused by name', () => {
  const error = thrownBy(() => render({ containers: [{ image: 'i' }], ingress: { rules: [{ host: 'a' }] } }));
  expect(error).toMatchObject({ code: 'DEPLOY_MANIFEST', message: expect.stringContaining('Component web') });
});

test('an autoscaler owns the number of pods', () => {
  const objects = render({
    containers: [{ image: 'i' }],
    replicas: 2,
    autoScaling: { horizontal: { maxReplicas: 5, averageCPU: '800m', averageRelativeMemory: '70' } },
  });
  expect(ofKind(objects, 'HorizontalPodAutoscaler')[0]?.spec).toEqual({
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
    minReplicas: 2,
    maxReplicas: 5,
    metrics: [
      { type: 'Resource', resource: { name: 'cpu', target: { type: 'AverageValue', averageValue: '800m' } } },
      { type: 'Resource', resource: { name: 'memory', target: { type: 'Utilization', averageUtilization: 70 } } },
    ],
  });
  expect(ofKind(objects, 'Deployment')[0]?.spec).not.toHaveProperty('replicas');
});

test('a value of the wrong shape is named', () => {
  expect(thrownBy(() => render({ containers: 'me/web' }))).toMatchObject({
    code: 'DEPLOY_MANIFEST',
    message: '`containers` of a component must be a list of maps.',
  });
});
