import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { UserError } from '../core/errors.ts';
import { type Handle, openLifetime } from '../core/lifetime.ts';
import { isAlive, type ProcessIdentity, thisProcess } from '../core/process-identity.ts';
import { type Authenticator, createAuthenticator } from './api/auth.ts';
import { type Authority, createAuthority, type KeyPair } from './api/certificates.ts';
import { createResources } from './api/resources.ts';
import { startApiServer } from './api/server.ts';
import { statusOfCode } from './api/status.ts';
import { createStore } from './api/store.ts';
import { createObjects, type Objects } from './api/write.ts';
import { bootstrap } from './bootstrap.ts';
import { startControllers } from './controllers/controllers.ts';
import { createEngineFaults, startEngine } from './engine/engine-server.ts';
import { createFaults, type EngineFaults, type Faults } from './faults/faults.ts';
import { type ImageStore, openImageStore } from './images/image-store.ts';
import { type Kubelet, startKubelet } from './kubelet/kubelet.ts';
import { openSandboxHost } from './sandbox/host.ts';
import { probeSandbox } from './sandbox/probe.ts';

export interface EmbeddedClusterOptions {
  /** Holds everything that outlives a restart: keys, objects, images, volumes. Made if missing, for this user only. */
  readonly stateDir: string;
  readonly signal: AbortSignal;
  /** Told what goes wrong inside; never holds a secret. */
  readonly onError?: (message: string) => void;
}

export interface EmbeddedCluster extends Handle {
  /** The kubeconfig file of an administrator; nobody else's is touched. */
  readonly kubeconfig: string;
  /** `https://127.0.0.1:PORT` */
  readonly server: string;
  /** What `DOCKER_HOST` is set to, so that builds and pushes go to this cluster. */
  readonly dockerHost: string;
  readonly images: ImageStore;
  /** For tests: what the server itself knows, how users log in, and how to break things. */
  readonly objects: Objects;
  readonly authenticator: Authenticator;
  readonly authority: Authority;
  readonly faults: Faults;
  /** The same for the connections of the Docker Engine API. */
  readonly engineFaults: EngineFaults;
  readonly killPod: Kubelet['killPod'];
}

/**
 * Starts a small Kubernetes in this process: API server, controllers and a kubelet that runs containers as sandboxed
 * local processes. Resolves when it can be used. Rejects with `UserError` if this machine cannot run it
 * (`EMBEDDED_UNAVAILABLE`) or if the folder is in use (`EMBEDDED_RUNNING`). `close()` leaves no process behind.
 */
export async function startEmbeddedCluster(options: EmbeddedClusterOptions): Promise<EmbeddedCluster> {
  const { stateDir, onError = () => {} } = options;
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const release = lock(stateDir);
  const life = openLifetime(options.signal);
  try {
    const missing = await probeSandbox(stateDir);
    if (missing.length > 0)
      throw new UserError('EMBEDDED_UNAVAILABLE', missing.slice(0, -1).join(' '), { hint: missing.at(-1) ?? '' });
    const keys = openKeys(stateDir);
    const store = createStore(path.join(stateDir, 'objects.jsonl'));
    await life.keep(toHandle(async () => store.close()));
    const host = await openSandboxHost({ folder: stateDir });
    await life.keep(toHandle(() => host.close()));
    const images = await openImageStore(path.join(stateDir, 'images'));
    const objects = createObjects(store, createResources());
    const authenticator = createAuthenticator({ store, secret: keys.secret });
    authenticator.addToken(keys.token, { name: 'kubernetes-admin', groups: ['system:masters'] });
    const faults = createFaults(statusOfCode);
    const engineFaults = createEngineFaults();

    bootstrap(objects, keys.authority.certificate);
    const stopControllers = startControllers({
      objects,
      authenticator,
      authority: keys.authority.certificate,
      onError,
    });
    await life.keep(toHandle(async () => stopControllers()));
    let port = 0;
    const folder = path.join(stateDir, 'kubelet');
    const kubelet = await life.keep(
      startKubelet({ objects, images, host, authenticator, folder, apiPort: () => port }),
    );
    const identity = keys.authority.issue('server', {
      subject: { commonName: 'kube-apiserver' },
      hosts: serverNames,
      days: 365,
    });
    const serve = (wanted: number) =>
      startApiServer({
        objects,
        runtime: kubelet.runtime,
        authenticator,
        faults,
        identity,
        authority: keys.authority.certificate,
        port: wanted,
        signal: life.signal,
      });
    // The port of the last run, so that its kubeconfig and open clients find the server again.
    const api = await life.keep(await serve(readPort(stateDir)).catch(() => serve(0)));
    port = api.port;
    const engine = await life.keep(
      startEngine({
        store: images,
        sandbox: host,
        folder: stateDir,
        environment: process.env,
        faults: engineFaults,
        listen: engineAddress(stateDir),
      }),
    );
    writeFileSync(path.join(stateDir, 'port'), String(port), { mode: 0o600 });
    const server = `https://127.0.0.1:${port}`;
    const kubeconfig = path.join(stateDir, 'kubeconfig');
    writeFileSync(kubeconfig, toKubeconfig({ server, certificate: keys.authority.certificate, token: keys.token }), {
      mode: 0o600,
    });

    return {
      kubeconfig,
      server,
      dockerHost: engine.host(),
      images,
      objects,
      authenticator,
      authority: keys.authority,
      faults,
      engineFaults,
      killPod: kubelet.killPod,
      ready: Promise.resolve(),
      done: api.done,
      close: () => life.close().finally(release),
    };
  } catch (error) {
    await life.close().finally(release);
    throw error;
  }
}

/** A socket in the state folder, or a port where its path would be too long for one. */
function engineAddress(stateDir: string): { socketPath: string } | { port: number } {
  const socketPath = path.join(stateDir, 'docker.sock');
  return Buffer.byteLength(socketPath) <= 107 ? { socketPath } : { port: 0 };
}

const serverNames = [
  '127.0.0.1',
  '10.96.0.1',
  'localhost',
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
];

function toHandle(close: () => Promise<void>): Handle {
  return { ready: Promise.resolve(), done: new Promise(() => {}), close };
}

/** One cluster for each folder; the mark of a process that is gone counts for nothing, even if its number is in use. */
function lock(stateDir: string): () => void {
  const file = path.join(stateDir, 'pid');
  const owner = readOwner(file);
  if (owner && isAlive(owner)) {
    throw new UserError('EMBEDDED_RUNNING', `The embedded cluster in ${stateDir} runs already (process ${owner.pid}).`);
  }
  writeFileSync(file, JSON.stringify(thisProcess()), { mode: 0o600 });
  return () => rmSync(file, { force: true });
}

function readOwner(file: string): ProcessIdentity | undefined {
  try {
    const owner = JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity;
    return typeof owner.pid === 'number' ? owner : undefined;
  } catch {
    return undefined;
  }
}

interface Keys {
  readonly authority: Authority;
  readonly token: string;
  readonly secret: string;
}

function openKeys(stateDir: string): Keys {
  const file = path.join(stateDir, 'keys.json');
  const known = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as KeyPair & { token: string; secret: string })
    : undefined;
  const isUsable = known && new X509Certificate(known.certificate).checkPrivateKey(createPrivateKey(known.key));
  if (known && isUsable)
    return { authority: createAuthority('kubernetes', known), token: known.token, secret: known.secret };
  const authority = createAuthority('kubernetes');
  const [token, secret] = [randomBytes(32).toString('base64url'), randomBytes(32).toString('base64url')];
  writeFileSync(file, JSON.stringify({ certificate: authority.certificate, key: authority.key, token, secret }), {
    mode: 0o600,
  });
  return { authority, token, secret };
}

function readPort(stateDir: string): number {
  const file = path.join(stateDir, 'port');
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) || 0 : 0;
}

/** A kubeconfig with one context; JSON is YAML too. */
function toKubeconfig({ server, certificate, token }: { server: string; certificate: string; token: string }): string {
  const name = 'devspace-embedded';
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [
      { name, cluster: { server, 'certificate-authority-data': Buffer.from(certificate).toString('base64') } },
    ],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name, namespace: 'default' } }],
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}
