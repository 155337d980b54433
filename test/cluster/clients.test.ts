import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type RealClients, realClients } from '../helpers/real-clients.ts';
import { writeFiles } from '../helpers/temp-folder.ts';
import { waitFor } from '../helpers/wait-for.ts';
import { askApi } from './support/api.ts';
import { type Finished, onTerminal, runToEnd } from './support/devspace.ts';
import { useNamespace } from './support/namespace.ts';
import { freePort } from './support/project.ts';

const namespace = useNamespace();
const flags = ['--namespace', namespace.name];
let programs: RealClients;
let folder: string;

beforeAll(async () => {
  programs = await realClients();
  folder = mkdtempSync(path.join(tmpdir(), 'devspace-clients-'));
  writeFiles(folder, { 'app.yaml': manifest('one') });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Both keep their files in folders of their own, not in the user's. */
const start = () => ({
  cwd: folder,
  env: { HELM_CACHE_HOME: folder, HELM_CONFIG_HOME: folder, HELM_DATA_HOME: folder, KUBECACHEDIR: `${folder}/cache` },
});
const kubectl = (...args: string[]): Promise<Finished> => runToEnd(programs.kubectl, [...flags, ...args], start());
const helm = (...args: string[]): Promise<Finished> => runToEnd(programs.helm, [...flags, ...args], start());

/** Both must say what is asked, and nothing of an error. */
async function expectOutput(run: Promise<Finished>, ...patterns: RegExp[]): Promise<string> {
  const { code, stdout, stderr } = await run;
  expect(code, stdout + stderr).toBe(0);
  for (const pattern of patterns) expect(stdout).toMatch(pattern);
  return stdout;
}

async function expectRefusal(run: Promise<Finished>, pattern: RegExp): Promise<void> {
  const { code, stdout, stderr } = await run;
  expect(code, stdout + stderr).toBe(1);
  expect(stderr).toMatch(pattern);
}

/** Starts kubectl and collects what it prints until the test ends. */
function follow(...args: string[]): { output: () => string; ended: Promise<number | null> } {
  const { cwd, env } = start();
  const child = spawn(programs.kubectl, [...flags, ...args], { cwd, env: { ...process.env, ...env } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  onTestFinished(async () => {
    child.kill();
    await ended;
  });
  return { output: () => output, ended };
}

/** The one that tells metrics; Kubernetes before 1.23 has a beta of it. */
const autoscalerVersion = async () => ((await askApi('/apis/autoscaling/v2')).code === 200 ? 'v2' : 'v2beta2');

const program = `console.log('hello from ' + process.env.MESSAGE);
require('http').createServer((request, response) => {
  console.log('asked for ' + request.url);
  response.end('answer to ' + request.url);
}).listen(3000);`;

const manifest = (message: string) => `apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  selector: { app: web }
  ports: [{ port: 80, targetPort: 3000, protocol: TCP }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 1
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - name: web
        image: node:20
        imagePullPolicy: IfNotPresent
        command: [node, -e, ${JSON.stringify(program)}]
        env: [{ name: MESSAGE, value: ${message} }]
        ports: [{ containerPort: 3000, protocol: TCP }]
        readinessProbe: { httpGet: { path: /ready, port: 3000 }, periodSeconds: 1 }
`;

const podName = async () => (await expectOutput(kubectl('get', 'pods', '-l', 'app=web', '-o', 'name'))).trim();

describe('kubectl', () => {
  test('apply creates, waits for the rollout, and says what did not change', async () => {
    await expectOutput(
      kubectl('apply', '-f', 'app.yaml'),
      /^service\/web created$/m,
      /^deployment.apps\/web created$/m,
    );
    await expectOutput(
      kubectl('rollout', 'status', 'deployment/web', '--timeout=120s'),
      /^deployment "web" successfully rolled out$/m,
    );
    await expectOutput(
      kubectl('wait', '--for=condition=Available', 'deployment/web', '--timeout=60s'),
      /condition met/,
    );
    await expectOutput(
      kubectl('wait', '--for=condition=Ready', 'pod', '-l', 'app=web', '--timeout=60s'),
      /condition met/,
    );
    await expectOutput(
      kubectl('wait', '--for=jsonpath={.status.phase}=Running', 'pod', '-l', 'app=web'),
      /condition met/,
    );
    await expectOutput(
      kubectl('apply', '-f', 'app.yaml'),
      /^service\/web unchanged$/m,
      /^deployment.apps\/web unchanged$/m,
    );
    await expectOutput(
      kubectl('apply', '--server-side', '--force-conflicts', '-f', 'app.yaml'),
      /web serverside-applied$/m,
    );
  });

  test('get prints the columns that people know, and names', async () => {
    await expectOutput(kubectl('get', 'pods'), /^NAME +READY +STATUS +RESTARTS +AGE$/m, /^web-\S+ +1\/1 +Running +0 /m);
    await expectOutput(
      kubectl('get', 'deployments', '-o', 'wide'),
      /^NAME +READY +UP-TO-DATE +AVAILABLE +AGE +CONTAINERS +IMAGES +SELECTOR/m,
      /^web +1\/1 +1 +1 +\S+ +web +node:20 +app=web/m,
    );
    await expectOutput(
      kubectl('get', 'svc'),
      /^NAME +TYPE +CLUSTER-IP +EXTERNAL-IP +PORT\(S\) +AGE$/m,
      /^web +ClusterIP +[\d.]+ +<none> +80\/TCP /m,
    );
    await expectOutput(
      kubectl('get', 'events'),
      /^LAST SEEN +TYPE +REASON +OBJECT +MESSAGE$/m,
      / Scheduled +pod\/web-/,
    );
    await expectOutput(
      kubectl('get', 'all'),
      /^pod\/web-/m,
      /^service\/web/m,
      /^deployment.apps\/web/m,
      /^replicaset.apps\/web-/m,
    );
    await expectOutput(kubectl('get', 'deployment', 'web', '-o', 'jsonpath={.spec.replicas}'), /^1$/);
    await expectOutput(kubectl('get', 'deployment', 'web', '-o', 'yaml'), /^ {2}replicas: 1$/m);
    await expectOutput(kubectl('get', 'pods', '--field-selector', 'status.phase=Running', '-o', 'name'), /^pod\/web-/m);
    await expectRefusal(kubectl('get', 'pod', 'none'), /^Error from server \(NotFound\): pods "none" not found$/m);
    await expectRefusal(kubectl('get', 'nonsense'), /^error: the server doesn't have a resource type "nonsense"$/m);
  });

  test('describe tells of the pod, the deployment, the service and the node', async () => {
    const pod = await podName();
    await expectOutput(
      kubectl('describe', pod),
      /^Name: +web-/m,
      /^ {4}Image: +node:20$/m,
      /^ {6}MESSAGE: +one$/m,
      /^ {2}Normal +Started /m,
    );
    await expectOutput(
      kubectl('describe', 'deployment', 'web'),
      /^Replicas: +1 desired \| 1 updated \| 1 total \| 1 available \| 0 unavailable$/m,
      /ScalingReplicaSet/,
    );
    // this kubectl asks for slices of a version that servers before 1.21 do not have
    const hasSlices = (await askApi('/apis/discovery.k8s.io/v1')).code === 200;
    const endpoints = hasSlices ? /^Endpoints: +[\d.]+:3000$/m : /^Endpoints: +<none>$/m;
    await expectOutput(kubectl('get', 'endpoints', 'web'), /^web +[\d.]+:3000 /m);
    await expectOutput(kubectl('describe', 'service', 'web'), /^Port: +<unset> +80\/TCP$/m, endpoints);
    const node = (await expectOutput(kubectl('get', 'nodes', '-o', 'name'))).trim();
    await expectOutput(kubectl('describe', node), /^ {2}Ready +True /m);
  });

  test('logs follows, exec runs with exit codes, and port-forward connects', async () => {
    const log = follow('logs', '-f', 'deployment/web');
    await waitFor(() => expect(log.output()).toContain('hello from one'), 60);
    const port = await freePort();
    const forward = follow('port-forward', 'service/web', `${port}:80`);
    await waitFor(() => expect(forward.output()).toContain(`Forwarding from 127.0.0.1:${port} -> 3000`), 60);
    expect(await (await fetch(`http://127.0.0.1:${port}/one`)).text()).toBe('answer to /one');
    expect(await (await fetch(`http://127.0.0.1:${port}/two`)).text()).toBe('answer to /two');
    await waitFor(() => expect(log.output()).toMatch(/asked for \/one\n[^]*asked for \/two\n/), 60);
    await expectOutput(kubectl('logs', 'deployment/web', '--tail=100'), /^asked for \/two$/m);

    await expectOutput(kubectl('exec', 'deployment/web', '--', 'sh', '-c', 'echo $MESSAGE'), /^one$/m);
    const failed = await kubectl('exec', 'deployment/web', '--', 'sh', '-c', 'echo out; echo wrong >&2; exit 7');
    expect(failed).toMatchObject({ code: 7, stdout: 'out\n', stderr: expect.stringContaining('wrong\n') as string });
    const piped = runToEnd(programs.kubectl, [...flags, 'exec', '-i', 'deployment/web', '--', 'cat'], {
      ...start(),
      stdin: 'through',
    });
    await expectOutput(piped, /^through$/);
  });

  test('exec -it opens a terminal of the right size', async () => {
    const args = [...flags, 'exec', '-it', 'deployment/web', '--', 'sh'];
    const screen = onTerminal(programs.kubectl, args, start());
    await screen.waitFor(/[#$] $/);
    // an older kubelet sets the size a moment after the start
    await waitFor(async () => {
      screen.type('stty size; tty\r');
      await screen.waitFor(/30 100[^]*\/dev\/pts\/\d+/, 2);
    }, 60);
    screen.type('exit 3\r');
    expect(await screen.exited).toMatchObject({ exitCode: 3 });
  });

  test('cp carries files both ways', async () => {
    const pod = (await podName()).replace('pod/', '');
    writeFiles(folder, { 'up/a.txt': 'first', 'up/deep/b.txt': 'second' });
    await expectOutput(kubectl('cp', 'up', `${pod}:/tmp/up`));
    await expectOutput(kubectl('exec', pod, '--', 'cat', '/tmp/up/a.txt', '/tmp/up/deep/b.txt'), /^firstsecond$/);
    await expectOutput(kubectl('cp', `${pod}:/tmp/up`, 'down'));
    expect(readFileSync(path.join(folder, 'down/deep/b.txt'), 'utf8')).toBe('second');
  });

  test('get -w sees the change that apply makes; undo takes it back', async () => {
    const watch = follow(
      'get',
      'deployment',
      'web',
      '-w',
      '-o',
      'jsonpath={.spec.template.spec.containers[0].env[0].value}{"\\n"}',
    );
    await waitFor(() => expect(watch.output()).toContain('one\n'), 60);
    writeFiles(folder, { 'app.yaml': manifest('two') });
    await expectOutput(
      kubectl('diff', '-f', 'app.yaml').then((result) => ({ ...result, code: Number(result.code) - 1 })),
      /^\+ +value: two$/m,
    );
    await expectOutput(kubectl('apply', '-f', 'app.yaml', '--server-side', '--force-conflicts'));
    await waitFor(() => expect(watch.output()).toContain('two\n'), 60);
    await expectOutput(kubectl('rollout', 'status', 'deployment/web', '--timeout=120s'));
    await expectOutput(kubectl('rollout', 'history', 'deployment/web'), /^1 /m, /^2 /m);
    await expectOutput(kubectl('rollout', 'undo', 'deployment/web'), /rolled back/);
    await expectOutput(kubectl('rollout', 'status', 'deployment/web', '--timeout=120s'));
    await expectOutput(kubectl('exec', 'deployment/web', '--', 'sh', '-c', 'echo $MESSAGE'), /^one$/m);
    await expectOutput(kubectl('scale', 'deployment/web', '--replicas=2'), /scaled$/m);
    await expectOutput(kubectl('wait', '--for=jsonpath={.status.readyReplicas}=2', 'deployment/web', '--timeout=60s'));
    await expectOutput(kubectl('patch', 'deployment', 'web', '-p', '{"spec":{"replicas":1}}'), /patched$/m);
    await expectOutput(kubectl('label', 'deployment', 'web', 'tier=front'), /labeled$/m);
    await expectOutput(kubectl('auth', 'can-i', 'delete', 'pods'), /^yes$/m);
  });

  test('autoscale, whatever version of an autoscaler it writes', async () => {
    await expectOutput(kubectl('autoscale', 'deployment/web', '--max=3', '--cpu-percent=60'), /web autoscaled$/m);
    const percent = 'jsonpath={.spec.targetCPUUtilizationPercentage}';
    await expectOutput(kubectl('get', 'horizontalpodautoscalers.v1.autoscaling', 'web', '-o', percent), /^60$/);
    const target = 'jsonpath={.spec.metrics[0].resource.target.averageUtilization}';
    await expectOutput(
      kubectl('get', `horizontalpodautoscalers.${await autoscalerVersion()}.autoscaling`, 'web', '-o', target),
      /^60$/,
    );
    await expectOutput(kubectl('delete', 'hpa', 'web'), /deleted/);
  });

  test('mistakes are told before anything changes', async () => {
    writeFiles(folder, {
      'wrong.yaml': manifest('one').replace('replicas: 1', 'replicos: 1'),
      'broken.yaml': 'kind: [',
    });
    await expectRefusal(kubectl('apply', '-f', 'wrong.yaml'), /unknown field.*replicos/);
    await expectRefusal(kubectl('apply', '-f', 'broken.yaml'), /error converting YAML to JSON/);
    await expectRefusal(
      kubectl('patch', 'deployment', 'web', '--type=merge', '-p', '{"spec":{"selector":{"matchLabels":{"app":"x"}}}}'),
      /is invalid: [^]*spec.selector: Invalid value: .*: field is immutable/,
    );
    await expectRefusal(kubectl('logs', 'deployment/web', '-c', 'none'), /container none is not valid for pod web-/);
    await expectRefusal(kubectl('create', 'configmap', 'A_B'), /metadata.name: Invalid value: "A_B"/);
  });

  test('delete waits until everything is gone', async () => {
    await expectOutput(
      kubectl('delete', '-f', 'app.yaml', '--timeout=120s'),
      /^service "web" deleted/m,
      /^deployment.apps "web" deleted/m,
    );
    await expectOutput(kubectl('wait', '--for=delete', 'pod', '-l', 'app=web', '--timeout=60s'));
    await expectOutput(kubectl('get', 'pods', '-l', 'app=web', '-o', 'name'), /^$/);
    await expectOutput(kubectl('delete', '-f', 'app.yaml', '--ignore-not-found'), /^$/);
  });
});

describe('helm', () => {
  afterAll(() => helm('uninstall', 'shop', '--ignore-not-found'));

  test('installs, upgrades, takes back and uninstalls a release', async () => {
    writeFiles(folder, {
      'chart/Chart.yaml': 'apiVersion: v2\nname: chart\nversion: 1.0.0\n',
      'chart/values.yaml': 'message: one\n',
      'chart/templates/app.yaml': manifest('{{ .Values.message | quote }}').replaceAll(
        /\bweb\b/g,
        '{{ .Release.Name }}',
      ),
      'chart/templates/notes.yaml':
        'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: {{ .Release.Name }} }\ndata: { message: {{ .Values.message }} }\n',
      'chart/templates/autoscaler.yaml': `apiVersion: autoscaling/v1
kind: HorizontalPodAutoscaler
metadata: { name: {{ .Release.Name }} }
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: {{ .Release.Name }} }
  maxReplicas: 1
  targetCPUUtilizationPercentage: {{ eq .Values.message "two" | ternary 70 50 }}
`,
    });
    const percent = 'jsonpath={.spec.targetCPUUtilizationPercentage}';
    const scaledAt = () => kubectl('get', 'horizontalpodautoscalers.v1.autoscaling', 'shop', '-o', percent);
    const message = () => kubectl('get', 'configmap', 'shop', '-o', 'jsonpath={.data.message}');
    await expectOutput(helm('install', 'shop', './chart', '--wait', '--timeout=120s'), /^STATUS: deployed$/m);
    await expectOutput(message(), /^one$/);
    await expectOutput(
      helm('upgrade', 'shop', './chart', '--set', 'message=two', '--wait', '--timeout=120s'),
      /^REVISION: 2$/m,
    );
    await expectOutput(message(), /^two$/);
    await expectOutput(scaledAt(), /^70$/);
    await expectOutput(helm('rollback', 'shop', '1', '--wait', '--timeout=120s'), /^Rollback was a success/);
    await expectOutput(message(), /^one$/);
    await expectOutput(scaledAt(), /^50$/);
    await expectOutput(helm('list'), /^shop\s+devspace-test-\w+\s+3\s+.*\sdeployed\s+chart-1\.0\.0/m);
    await expectOutput(helm('history', 'shop'), /^3\s.*Rollback to 1/m);
    await expectRefusal(helm('install', 'shop', './chart'), /cannot re-use a name that is still in use/);
    await expectOutput(helm('uninstall', 'shop', '--wait', '--timeout=120s'), /^release "shop" uninstalled$/m);
    await expectRefusal(kubectl('get', 'deployment', 'shop'), /NotFound/);
  });
});
