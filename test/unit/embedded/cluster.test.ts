import { appendFileSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KubeObject } from '../../../src/embedded/api/objects.ts';
import { at } from '../../../src/embedded/api/objects.ts';
import { isPodReady, type Pod } from '../../../src/embedded/api/pod-types.ts';
import { startEmbeddedCluster } from '../../../src/embedded/cluster.ts';
import { startTestCluster, stateOf, type TestCluster } from '../../helpers/embedded-cluster.ts';
import { waitFor } from '../../helpers/wait-for.ts';

let bench: TestCluster;
beforeAll(async () => {
  bench = await startTestCluster();
});
afterAll(() => bench.close());

const log = async (name: string, query = '') =>
  (await bench.text(`/api/v1/namespaces/default/pods/${name}/log?${query}`)).text;
const ready = (pod: Pod) => isPodReady(pod);
const sleepy = 'trap "exit 0" TERM; while true; do sleep 0.1; done';

describe('a pod', () => {
  test('gets environment, volumes and arguments as the real one does', async () => {
    bench.create('configmaps', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'cfg' },
      data: { file: 'from config', KEY: 'one' },
    });
    bench.create('secrets', {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'sec' },
      stringData: { pw: 'hidden' },
    });
    bench.pod(
      'full',
      'echo "$KEY $PW $BOTH $0 $1"; cat /cfg/file /data/init; pwd; id -u',
      {
        restartPolicy: 'Never',
        securityContext: { runAsUser: 1234 },
        initContainers: [
          {
            name: 'i',
            image: 'busybox',
            command: ['sh', '-c', 'echo " prepared" > /data/init'],
            volumeMounts: [{ name: 'd', mountPath: '/data' }],
          },
        ],
        volumes: [
          { name: 'd', emptyDir: {} },
          { name: 'c', configMap: { name: 'cfg' } },
        ],
      },
      {
        args: ['$(PW)', '$$(PW)'],
        workingDir: '/tmp',
        envFrom: [{ configMapRef: { name: 'cfg' } }],
        env: [
          { name: 'PW', valueFrom: { secretKeyRef: { name: 'sec', key: 'pw' } } },
          { name: 'BOTH', value: '$(KEY)-$(PW)-$(NONE)' },
        ],
        volumeMounts: [
          { name: 'd', mountPath: '/data' },
          { name: 'c', mountPath: '/cfg' },
        ],
      },
    );
    const pod = await bench.until('pods', 'full', ({ status }) => status?.phase === 'Succeeded');
    expect(stateOf(pod).terminated).toMatchObject({ exitCode: 0, reason: 'Completed' });
    expect(await log('full')).toBe('one hidden one-hidden-$(NONE) hidden $(PW)\nfrom config prepared\n/tmp\n1234\n');
  });

  test.each([
    ['no-image', { image: 'nobody/pushed:1' }, 'ErrImagePull', /not found/],
    ['bad-name', { image: 'Not//an image' }, 'InvalidImageName', /invalid reference format/],
    ['never', { image: 'nobody/pushed:1', imagePullPolicy: 'Never' }, 'ErrImageNeverPull', /pull policy of Never/],
    [
      'no-config',
      { envFrom: [{ secretRef: { name: 'none' } }] },
      'CreateContainerConfigError',
      /secret "none" not found/,
    ],
    [
      'no-key',
      { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'kube-root-ca.crt', key: 'x' } } }] },
      'CreateContainerConfigError',
      /couldn't find key x in ConfigMap default\/kube-root-ca.crt/,
    ],
  ])('waits with the right reason: %s', async (name, container, reason, message) => {
    bench.pod(name, 'true', {}, container);
    const pod = await bench.until('pods', name, (object: Pod) => stateOf(object).waiting?.reason === reason);
    expect(stateOf(pod).waiting?.message).toMatch(message);
    expect(pod.status?.phase).toBe('Pending');
  });

  test('that ends again and again backs off, and its last log is kept', async () => {
    bench.pod('crash', 'echo boom; exit 3');
    const pod = await bench.until(
      'pods',
      'crash',
      (object: Pod) => stateOf(object).waiting?.reason === 'CrashLoopBackOff',
    );
    expect(pod.status?.containerStatuses?.[0]).toMatchObject({
      restartCount: 1,
      ready: false,
      lastState: { terminated: { exitCode: 3, reason: 'Error' } },
    });
    expect(stateOf(pod).waiting?.message).toMatch(/^back-off 10s restarting failed container=c pod=crash_default\(/);
    expect(await log('crash', 'previous=true')).toBe('boom\n');
  });

  test('whose program is missing says so', async () => {
    bench.pod('nothing', '', { restartPolicy: 'Never' }, { command: ['/no/such'] });
    const pod = await bench.until('pods', 'nothing', ({ status }) => status?.phase === 'Failed');
    expect(stateOf(pod).terminated).toMatchObject({
      exitCode: 128,
      reason: 'StartError',
      message: expect.stringMatching(/no such file or directory/) as string,
    });
  });

  test('is ready only when its probe says so', async () => {
    bench.pod(
      'probed',
      'sleep 0.3; touch /tmp/ok; sleep 100',
      {},
      {
        readinessProbe: { exec: { command: ['test', '-f', '/tmp/ok'] }, periodSeconds: 1 },
        livenessProbe: { exec: { command: ['test', '!', '-f', '/tmp/bad'] }, periodSeconds: 1, failureThreshold: 1 },
      },
    );
    const before = await bench.until('pods', 'probed', ({ status }) => status?.phase === 'Running');
    expect(isPodReady(before)).toBe(false);
    const pod = await bench.until('pods', 'probed', ready);
    const run = bench.cluster.objects
      .list(bench.cluster.objects.resources.builtIn('events'), 'default')
      .map((event) => event['reason']);
    expect(run).toEqual(expect.arrayContaining(['Scheduled', 'Pulled', 'Created', 'Started', 'Unhealthy']));
    expect(pod.status?.containerStatuses?.[0]?.restartCount).toBe(0);
  });

  test('asking for more than there is stays pending', async () => {
    bench.pod('greedy', 'true', {}, { resources: { requests: { cpu: '1000' } } });
    const pod = await bench.until('pods', 'greedy', ({ status }) => (status?.conditions ?? []).length > 0);
    expect(pod.status?.conditions).toMatchObject([
      {
        type: 'PodScheduled',
        status: 'False',
        reason: 'Unschedulable',
        message: '0/1 nodes are available: 1 Insufficient cpu.',
      },
    ]);
  });

  test('gets its grace time and then is gone', async () => {
    bench.pod('polite', sleepy, { terminationGracePeriodSeconds: 10 });
    await bench.until('pods', 'polite', ready);
    const { deleteObject } = await import('../../../src/embedded/api/delete.ts');
    const begin = Date.now();
    deleteObject(bench.cluster.objects, bench.cluster.objects.resources.builtIn('pods'), {
      place: { namespace: 'default', name: 'polite' },
      options: {},
    });
    expect(bench.get('pods', 'polite')?.metadata.deletionTimestamp).toBeDefined();
    await expect.poll(() => bench.get('pods', 'polite'), { timeout: 9000 }).toBeUndefined();
    expect(Date.now() - begin).toBeLessThan(8000);
  });
});

describe('logs', () => {
  test('are followed to the end, cut to the tail and stamped', async () => {
    bench.pod('talk', 'for i in 1 2 3 4 5; do echo line $i; sleep 0.1; done; printf end', { restartPolicy: 'Never' });
    await bench.until('pods', 'talk', (pod: Pod) => stateOf(pod).running !== undefined);
    expect(await log('talk', 'follow=true')).toBe('line 1\nline 2\nline 3\nline 4\nline 5\nend');
    expect(await log('talk', 'tailLines=2')).toBe('line 5\nend');
    expect(await log('talk', 'tailLines=1&timestamps=true')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z end$/);
    expect(await log('talk', `sinceTime=${encodeURIComponent(new Date(Date.now() + 60_000).toISOString())}`)).toBe('');
    expect(await bench.text('/api/v1/namespaces/default/pods/talk/log?previous=true')).toMatchObject({ code: 400 });
  });
});

const workload = (kind: string, name: string, spec: object): KubeObject => ({
  apiVersion: kind === 'Job' ? 'batch/v1' : 'apps/v1',
  kind,
  metadata: { name, namespace: 'default' },
  spec: spec as never,
});
const template = (app: string, script: string, more = {}) => ({
  metadata: { labels: { app } },
  spec: {
    terminationGracePeriodSeconds: 0,
    ...more,
    containers: [{ name: 'c', image: 'busybox', command: ['sh', '-c', script] }],
  },
});

describe('workloads', () => {
  test('a deployment rolls out, rolls over and is collected with its pods', async () => {
    const { objects } = bench.cluster;
    const deployments = objects.resources.builtIn('deployments');
    const place = { namespace: 'default', name: 'web' };
    const pods = () =>
      objects
        .list<Pod>(objects.resources.builtIn('pods'), 'default')
        .filter(({ metadata }) => metadata.labels?.['app'] === 'web');
    bench.create(
      'deployments',
      workload('Deployment', 'web', {
        replicas: 2,
        selector: { matchLabels: { app: 'web' } },
        template: template('web', 'echo one; sleep 100'),
      }),
    );
    bench.create('services', {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web' },
      spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
    });
    const isDone = (object: KubeObject) =>
      at(object, 'status', 'availableReplicas') === 2 &&
      at(object, 'status', 'updatedReplicas') === 2 &&
      at(object, 'status', 'replicas') === 2;
    await bench.until('deployments', 'web', isDone);
    await bench.until(
      'endpoints',
      'web',
      (object: KubeObject) => (at(object, 'subsets', 0, 'addresses', 1) ?? null) !== null,
    );
    const first = pods().map(({ metadata }) => metadata.name);
    objects.edit(deployments, place, {
      manager: 'test',
      change: (draft) => {
        draft['spec'] = { ...(draft['spec'] as object), template: template('web', 'echo two; sleep 100') };
      },
    });
    await bench.until(
      'deployments',
      'web',
      (object: KubeObject) => isDone(object) && at(object, 'status', 'observedGeneration') === 2,
    );
    await expect.poll(() => pods().length, { timeout: 10_000 }).toBe(2);
    expect(pods().some(({ metadata }) => first.includes(metadata.name))).toBe(false);
    expect(bench.get('deployments', 'web')?.metadata.annotations).toMatchObject({
      'deployment.kubernetes.io/revision': '2',
    });
    const { deleteObject } = await import('../../../src/embedded/api/delete.ts');
    deleteObject(objects, deployments, { place, options: { propagationPolicy: 'Foreground' } });
    await expect.poll(() => [bench.get('deployments', 'web'), ...pods()], { timeout: 10_000 }).toEqual([undefined]);
  });

  test('a stateful set goes one by one and keeps its volumes', async () => {
    bench.create(
      'statefulsets',
      workload('StatefulSet', 'db', {
        replicas: 2,
        serviceName: 'db',
        selector: { matchLabels: { app: 'db' } },
        template: {
          ...template('db', ''),
          spec: {
            terminationGracePeriodSeconds: 0,
            containers: [
              {
                name: 'c',
                image: 'busybox',
                command: ['sh', '-c', 'echo start >> /data/x; cat /data/x; sleep 100'],
                volumeMounts: [{ name: 'data', mountPath: '/data' }],
              },
            ],
          },
        },
        volumeClaimTemplates: [
          {
            metadata: { name: 'data' },
            spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
          },
        ],
      }),
    );
    await bench.until('statefulsets', 'db', (set: KubeObject) => at(set, 'status', 'readyReplicas') === 2);
    const uid = bench.get('pods', 'db-0')?.metadata.uid;
    const { deleteObject } = await import('../../../src/embedded/api/delete.ts');
    deleteObject(bench.cluster.objects, bench.cluster.objects.resources.builtIn('pods'), {
      place: { namespace: 'default', name: 'db-0' },
      options: {},
    });
    await bench.until('pods', 'db-0', (pod: Pod) => pod.metadata.uid !== uid && isPodReady(pod));
    await expect.poll(() => log('db-0')).toBe('start\nstart\n');
  });

  test('a job ends well or with the reason', async () => {
    bench.create(
      'jobs',
      workload('Job', 'good', {
        completions: 2,
        parallelism: 2,
        template: template('good', 'true', { restartPolicy: 'Never' }),
      }),
    );
    bench.create(
      'jobs',
      workload('Job', 'bad', { backoffLimit: 0, template: template('bad', 'exit 1', { restartPolicy: 'Never' }) }),
    );
    expect(
      await bench.until('jobs', 'good', (job: KubeObject) => at(job, 'status', 'conditions', 0) !== undefined),
    ).toMatchObject({ status: { succeeded: 2, conditions: [{ type: 'Complete' }] } });
    expect(
      await bench.until('jobs', 'bad', (job: KubeObject) => at(job, 'status', 'conditions', 0) !== undefined),
    ).toMatchObject({ status: { conditions: [{ type: 'Failed', reason: 'BackoffLimitExceeded' }] } });
  });
});

describe('a pod that tries to write outside its sandbox', () => {
  const outside = mkdtempSync(path.join(tmpdir(), 'outside-'));
  const target = path.join(outside, 'written');
  afterAll(() => rmSync(outside, { recursive: true }));

  test('as root, with all privileges it may ask for, writes nothing there and ends no process', async () => {
    const script = `mkdir -p ${outside}; echo 1 >${target}; echo 1 >/proc/1/root${target}; echo 1 >/proc/1/cwd${target}
      for pid in $(seq 1 400) ${process.pid}; do test $pid = $$ || kill -9 $pid 2>/dev/null; done
      for device in /dev/sda /dev/vda /dev/mem /dev/kmsg; do echo 1 >$device && test -c $device && echo "wrote $device"; done
      mknod /tmp/disk b 8 0 && echo "made a disk"; mount --bind / /mnt && echo 1 >/mnt${target}; ls ${outside}; echo done`;
    const more = { restartPolicy: 'Never', hostPID: true, hostNetwork: true, hostIPC: true };
    bench.pod('rogue', script, more, { securityContext: { privileged: true, runAsUser: 0 } });
    await bench.until('pods', 'rogue', ({ status }) => ['Succeeded', 'Failed'].includes(status?.phase ?? ''));
    const output = await log('rogue');
    // what it wrote is in a file system of its own, as it sees for itself
    expect(output).toMatch(/^written\ndone$/m);
    expect(output).not.toMatch(/^(wrote|made)/m);
    expect(readdirSync(outside)).toEqual([]);
    expect((await bench.text('/healthz')).code).toBe(200);
  });

  test('through a folder of the machine does not start', async () => {
    const more = { volumes: [{ name: 'v', hostPath: { path: outside } }] };
    bench.pod('host', `echo 1 >/v/written`, more, { volumeMounts: [{ name: 'v', mountPath: '/v' }] });
    const events = bench.cluster.objects.resources.builtIn('events');
    await waitFor(() => {
      const messages = bench.cluster.objects
        .list(events, 'default')
        .filter((event) => event['reason'] === 'FailedMount')
        .map((event) => event['message']);
      expect(messages).toContainEqual(expect.stringContaining('volumes of type hostPath do not exist'));
    });
    expect(bench.get('pods', 'host')).toMatchObject({ status: { phase: 'Pending' } });
    expect(readdirSync(outside)).toEqual([]);
  });

  test('through a link in a volume does not start', async () => {
    const volumeMounts = [{ name: 'v', mountPath: '/v' }];
    const command = ['sh', '-c', `ln -s ${outside} /v/link`];
    const more = {
      volumes: [{ name: 'v', emptyDir: {} }],
      initContainers: [{ name: 'i', image: 'busybox', command, volumeMounts }],
    };
    bench.pod('link', 'echo 1 >/v/written', more, {
      volumeMounts: [{ name: 'v', mountPath: '/v', subPath: 'link/written' }],
    });
    const reason = 'CreateContainerConfigError';
    const pod = await bench.until('pods', 'link', (object: Pod) => stateOf(object).waiting?.reason === reason);
    expect(stateOf(pod).waiting?.message).toBe('failed to prepare subPath for volumeMount "v" of container "c"');
    expect(readdirSync(outside)).toEqual([]);
  });
});

describe('the cluster', () => {
  test('is one for each folder', async () => {
    await expect(
      startEmbeddedCluster({ stateDir: bench.stateDir, signal: new AbortController().signal }),
    ).rejects.toMatchObject({ code: 'EMBEDDED_RUNNING' });
  });

  test('starts in the folder of a crashed one, also if another process has its number now', async () => {
    const other = await startTestCluster();
    await other.cluster.close();
    writeFileSync(path.join(other.stateDir, 'pid'), JSON.stringify({ pid: process.pid, born: '1' }));
    appendFileSync(path.join(other.stateDir, 'objects.jsonl'), '{"key":"pods","id":"default/x","obj');
    await other.restart();
    expect(other.get('serviceaccounts', 'default')).toBeDefined();
    await other.close();
  });

  test('finds everything again after a restart, under the same address', async () => {
    const { server } = bench.cluster;
    bench.pod('stays', sleepy);
    await bench.until('pods', 'stays', ready);
    await bench.restart();
    expect(bench.cluster.server).toBe(server);
    const pod = await bench.until(
      'pods',
      'stays',
      (object: Pod) => (object.status?.containerStatuses?.[0]?.restartCount ?? 0) > 0 && isPodReady(object),
    );
    expect(pod.status?.containerStatuses?.[0]?.lastState.terminated).toMatchObject({
      exitCode: 137,
      reason: 'Error',
    });
  });

  test('stops without a trace', async () => {
    const other = await startTestCluster();
    other.pod('x', sleepy);
    await other.until('pods', 'x', ready);
    const port = Number(new URL(other.cluster.server).port);
    await other.close();
    await expect(
      new Promise((resolve, reject) => connect(port, '127.0.0.1').on('connect', resolve).on('error', reject)),
    ).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(existsSync(other.stateDir)).toBe(false);
  });
});
