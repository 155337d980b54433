import { sleep } from '../core/abort.ts';
import { loginKey, loginSecret, toBase64 } from '../kube/login-secret.ts';
import type { KubeObject } from '../kube/objects.ts';
import type { DeployRun } from './deploy-run.ts';

/** What the cluster needs to pull from a registry. */
export interface RegistryLogin {
  /** As Docker's config names it: the host, or the long key of Docker Hub. */
  readonly registry: string;
  readonly username: string;
  readonly password: string;
  readonly email: string;
  /** Name of the Secret. */
  readonly secret: string;
  /** They get the Secret for their pods. */
  readonly serviceAccounts: readonly string[];
}

type SecretRun = Pick<DeployRun, 'kube' | 'log' | 'signal'>;

const accountWithinMs = 30_000;
/** Its own, so that the fields are not lost when a manifest of a service account is applied. */
const fieldManager = 'devspace-pull-secrets';

/**
 * Gives the namespace, which exists, the logins as Secrets, and its service accounts these Secrets. Logins of others in
 * the same Secret stay; what is there already is not written again.
 */
export async function ensurePullSecrets(
  namespace: string,
  logins: readonly RegistryLogin[],
  run: SecretRun,
): Promise<void> {
  for (const name of new Set(logins.map(({ secret }) => secret))) {
    const group = logins.filter(({ secret }) => secret === name);
    await ensureSecret({ namespace, name }, group, run);
    for (const account of new Set(group.flatMap(({ serviceAccounts }) => serviceAccounts))) {
      await ensureInAccount({ namespace, name: account }, name, run);
    }
  }
}

interface Place {
  readonly namespace: string;
  readonly name: string;
}

async function ensureSecret(place: Place, logins: readonly RegistryLogin[], run: SecretRun): Promise<void> {
  const { kube, log, signal } = run;
  const there = await kube.read({ apiVersion: 'v1', kind: 'Secret', ...place }, signal);
  const before = authsOf(there);
  const auths = { ...before, ...Object.fromEntries(logins.map((login) => [login.registry, toAuth(login)])) };
  if (there && JSON.stringify(before) === JSON.stringify(auths)) return;
  await kube.apply(loginSecret({ ...place }, auths), {
    defaultNamespace: place.namespace,
    conflicts: 'take',
    fieldManager,
    signal,
  });
  const registries = logins.map(({ registry }) => registry).join(', ');
  log.info(
    `${there ? 'Updated' : 'Created'} pull secret ${place.name} for ${registries} in namespace ${place.namespace}`,
  );
}

function toAuth({ username, password, email }: RegistryLogin): object {
  return { username, password, email, auth: toBase64(`${username}:${password}`) };
}

/** What cannot be read is written anew. */
function authsOf(secret: KubeObject | undefined): Readonly<Record<string, unknown>> {
  const data = (secret?.['data'] ?? {}) as Readonly<Record<string, string>>;
  try {
    const { auths } = JSON.parse(Buffer.from(data[loginKey] ?? '', 'base64').toString()) as { auths?: object };
    return { ...auths };
  } catch {
    return {};
  }
}

async function ensureInAccount(place: Place, secret: string, run: SecretRun): Promise<void> {
  const { kube, log, signal } = run;
  const account = await waitForAccount(place, run);
  if (!account) {
    return log.warn(`There is no service account ${place.name} in namespace ${place.namespace} to get ${secret}`);
  }
  const before = (account['imagePullSecrets'] ?? []) as readonly { readonly name?: string }[];
  if (before.some(({ name }) => name === secret)) return;
  // some servers take the list as a whole, so it is applied as a whole
  const imagePullSecrets = [...before, { name: secret }];
  const wanted = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { ...place }, imagePullSecrets };
  await kube.apply(wanted, { defaultNamespace: place.namespace, conflicts: 'take', fieldManager, signal });
}

/** The accounts of a new namespace come a moment after it; others may never come. */
async function waitForAccount(place: Place, { kube, signal }: SecretRun): Promise<KubeObject | undefined> {
  const ref = { apiVersion: 'v1', kind: 'ServiceAccount', ...place };
  const endMs = Date.now() + (place.name === 'default' ? accountWithinMs : 0);
  for (;;) {
    const account = await kube.read(ref, signal);
    if (account || Date.now() >= endMs) return account;
    await sleep(200, signal);
  }
}
