import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { isPodReady } from '../../../../src/embedded/api/pod-types.ts';
import { createKubeClient } from '../../../../src/kube/real-client.ts';
import { createTarget } from '../../../../src/kube/target.ts';
import { startSync } from '../../../../src/sync/start-sync.ts';
import { startTestCluster, type TestCluster } from '../../../helpers/embedded-cluster.ts';
import { type RecordingLog, recordingLog } from '../../../helpers/recording-log.ts';
import { syncConfigOf } from '../../../helpers/sync-config.ts';
import { syncRunOf } from '../../../helpers/sync-run.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';

/** Faults S23 and S24 of the reliability list: pods that go, and connections that are bad, with real pods and streams. */

const { signal } = new AbortController();
const exec = { subresource: 'exec' };
let cluster: TestCluster;
let pod: string;

beforeAll(async () => {
  cluster = await startTestCluster();
});
afterAll(() => cluster.close());

beforeEach(async () => {
  pod = `p-${randomBytes(3).toString('hex')}`;
  await startPod(pod);
});
afterEach(() => cluster.cluster.faults.clear());

async function startPod(name: string): Promise<void> {
  cluster.pod(name, 'mkdir -p /tmp/app; exec sleep 1000', { restartPolicy: 'Always' });
  await cluster.until('pods', name, isPodReady);
}

interface Running {
  readonly local: string;
  readonly log: RecordingLog;
  readonly ready: Promise<void>;
  /** Content of a file of the container; `''` if it is not there. */
  inContainer(file: string): Promise<string>;
  sh(script: string): Promise<string>;
  /** Deletes the pod. */
  remove(): Promise<boolean>;
}

/** Synchronises a new folder with /tmp/app of the newest pod, until the test ends. */
async function startFolder(files: Readonly<Record<string, string>>, upload?: number): Promise<Running> {
  const kube = await createKubeClient({ files: cluster.cluster.kubeconfig, inCluster: false });
  const [local, stateFolder] = [tempFolder(), tempFolder()];
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(local, name), content);
  const log = recordingLog();
  const target = createTarget(
    { namespace: 'default', labelSelector: {}, podName: pod },
    { kube, log, timeoutMs: 60_000 },
  );
  const config = syncConfigOf(local, '/tmp/app', { bandwidthLimits: upload === undefined ? {} : { upload } });
  const handle = startSync([{ target, config }], syncRunOf({ kube, log, signal, stateFolder }));
  onTestFinished(() => handle.close());
  const sh = async (script: string) => {
    const container = { namespace: 'default', pod, container: 'c' };
    const session = await kube.exec(container, {
      command: ['sh', '-c', script],
      terminal: 'none',
      stdin: 'none',
      signal,
    });
    let said = '';
    for await (const chunk of session.stdout) said += String(chunk);
    session.close();
    return said;
  };
  const ref = { apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: pod };
  return {
    local,
    log,
    ready: handle.ready,
    sh,
    inContainer: (file) => sh(`cat /tmp/app/${file} 2>/dev/null; true`),
    remove: () => kube.delete(ref, signal),
  };
}

const large = 'x'.repeat(3_000_000);
/** Content of a local file; `''` if it is not there yet. */
const here = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');
const soon = { timeout: 20_000, interval: 100 };

test('S23 the container dies in the middle of an upload and starts anew: all arrives, nothing is lost here', async () => {
  const { local, log, inContainer, sh } = await startFolder({ small: 's', large }, 1_000);
  await expect.poll(() => sh('ls -a /tmp | grep -c devspace-sync; true'), soon).not.toBe('0\n');
  expect(await inContainer('large')).toBe('');
  cluster.cluster.killPod({ namespace: 'default', name: pod });
  await expect.poll(() => sh('stat -c %s /tmp/app/large /tmp/app/small 2>&1'), soon).toBe('3000000\n1\n');
  expect(readFileSync(path.join(local, 'large'), 'utf8')).toBe(large);
  expect(log.lines.filter((line) => /Deleted/.test(line))).toEqual([]);
  // what the agent had staged when it was killed is gone
  await expect.poll(() => sh('ls -a /tmp/app /tmp | grep -c devspace-sync; true'), soon).toMatch(/^[12]\n$/);
});

test('S23 the pod is replaced: the new one gets everything, and what only the old one had is not deleted here', async () => {
  const { local, ready, sh, inContainer, remove } = await startFolder({ a: '1', b: '2' });
  await ready;
  await sh('echo there >/tmp/app/theirs');
  await expect.poll(() => here(path.join(local, 'theirs')), soon).toBe('there\n');
  await remove();
  writeFileSync(path.join(local, 'a'), 'edited in the gap');
  await expect.poll(() => cluster.get('pods', pod), soon).toBeUndefined();
  await startPod(pod);
  for (const [file, content] of [
    ['a', 'edited in the gap'],
    ['b', '2'],
    ['theirs', 'there\n'],
  ] as const) {
    await expect.poll(() => inContainer(file), soon).toBe(content);
    expect(readFileSync(path.join(local, file), 'utf8')).toBe(content);
  }
});

test('S23 all processes of the agent are killed, again and again, while files change on both sides', async () => {
  const { local, ready, sh, inContainer } = await startFolder({ a: '0' });
  await ready;
  mkdirSync(path.join(local, 'd'));
  for (const turn of ['1', '2', '3', '4']) {
    writeFileSync(path.join(local, 'a'), turn);
    writeFileSync(path.join(local, 'd', turn), turn);
    await sh(
      `echo ${turn} >/tmp/app/from-there-${turn}; for p in /proc/[0-9]*; do p=\${p#/proc/}; [ $p = 1 ] || [ $p = $$ ] || kill -9 $p; done 2>/dev/null; true`,
    );
  }
  await expect.poll(() => inContainer('a'), soon).toBe('4');
  await expect.poll(() => inContainer('d/*'), soon).toBe('1234');
  for (const turn of ['1', '2', '3', '4']) {
    const file = path.join(local, `from-there-${turn}`);
    await expect.poll(() => here(file), soon).toBe(`${turn}\n`);
  }
});

test('S24 a slow connection: edits of both sides arrive, in one piece each', async () => {
  const { local, ready, sh, inContainer } = await startFolder({ a: '1' });
  await ready;
  expect(cluster.cluster.faults.strike({ kind: 'slow', ms: 300, ...exec })).toBeGreaterThan(0);
  writeFileSync(path.join(local, 'a'), 'edited here');
  await expect.poll(() => inContainer('a'), soon).toBe('edited here');
  await sh('echo there >/tmp/app/b');
  await expect.poll(() => here(path.join(local, 'b')), soon).toBe('there\n');
});

test('S24 a connection in which all is lost is given up within 35 seconds, and the edit of that time arrives', async () => {
  const { local, log, ready, inContainer } = await startFolder({ a: '1' });
  await ready;
  expect(cluster.cluster.faults.strike({ kind: 'black-hole', afterBytes: 0, ...exec })).toBeGreaterThan(0);
  writeFileSync(path.join(local, 'a'), 'edited while nothing came through');
  rmSync(path.join(local, 'a'));
  writeFileSync(path.join(local, 'b'), 'new');
  await expect.poll(() => inContainer('b'), { timeout: 40_000, interval: 200 }).toBe('new');
  expect(await inContainer('a')).toBe('');
  expect(log.lines.join('\n')).toMatch(/Trying again/);
}, 60_000);
