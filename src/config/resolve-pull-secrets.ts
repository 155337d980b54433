import type { ResolveContext } from './resolve-context.ts';
import type { Model } from './schema/v2beta1.ts';
import type { PullSecretConfig } from './types.ts';
import { hasVariable, parseImageName } from './versions/image-name.ts';

const defaults = { email: 'noreply@devspace.sh', secret: 'devspace-pull-secrets', serviceAccounts: ['default'] };

/**
 * The entries of the file, then one for each registry that an image comes from and that has none. Docker Hub gets one
 * only if an image asks for it.
 */
export function toPullSecrets(model: Model, { legacy }: ResolveContext): PullSecretConfig[] {
  const entries = Object.entries(model.pullSecrets ?? {});
  const known = new Set(entries.map(([, { registry = '' }]) => registryName(registry)));
  const wanted = entries
    .filter(([name]) => !legacy.disabledPullSecrets?.includes(name))
    .map(([, entry]) => toPullSecret(entry));
  for (const { image = '', createPullSecret } of Object.values(model.images ?? {})) {
    const registry = registryName(parseImageName(image).registry);
    const isWanted = createPullSecret ?? registry !== dockerHub;
    if (hasVariable(image) || !isWanted || known.has(registry)) continue;
    known.add(registry);
    wanted.push({ ...defaults, registry });
  }
  return wanted;
}

type PullSecretModel = NonNullable<Model['pullSecrets']>[string];

function toPullSecret({ registry = '', username, password, email, secret, serviceAccounts = [] }: PullSecretModel) {
  return {
    registry: registryName(registry),
    ...(username ? { username } : {}),
    ...(password ? { password } : {}),
    email: email || defaults.email,
    secret: secret || defaults.secret,
    serviceAccounts: serviceAccounts.length > 0 ? serviceAccounts : defaults.serviceAccounts,
  };
}

const dockerHub = 'docker.io';

/** Docker Hub has many names. */
function registryName(written: string): string {
  const host = written.replace(/^https?:\/\//, '').replace(/\/(v[12]\/?)?$/, '');
  return ['', 'hub.docker.com', 'index.docker.io', 'registry-1.docker.io'].includes(host) ? dockerHub : host;
}
