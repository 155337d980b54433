import { useCredentials } from '../build/registry-auth.ts';
import type { PullSecretConfig } from '../config/types.ts';
import { ensureNamespace } from '../deploy/ensure-namespace.ts';
import type { PlannedDeployment } from '../deploy/planned-deployment.ts';
import { ensurePullSecrets, type RegistryLogin } from '../deploy/pull-secrets.ts';
import type { RegistryCredentials } from '../docker/client.ts';
import type { KubeClient } from '../kube/client.ts';
import { isForbidden } from '../kube/errors.ts';
import type { HookedRun } from './images.ts';
import type { Project } from './project.ts';

interface PullSecretRun extends Omit<HookedRun, 'kube'> {
  readonly kube: KubeClient;
}

/**
 * Gives every namespace of the deployments the logins of the registries that their images come from, as far as Docker
 * on this machine or the configuration has one. Without a right to write Secrets there is a warning.
 */
export async function providePullSecrets(
  { config }: Project,
  deployments: readonly PlannedDeployment[],
  run: PullSecretRun,
): Promise<void> {
  const namespaces = new Set(deployments.flatMap((deployment) => namespacesOf(deployment, run.kube.namespace)));
  if (config.pullSecrets.length === 0 || namespaces.size === 0) return;
  const logins = await findLogins(config.pullSecrets, run);
  if (logins.length === 0) return;
  await run.hooks.around({ step: 'createPullSecrets' }, async () => {
    for (const namespace of namespaces) {
      try {
        await ensureNamespace(namespace, run);
        await ensurePullSecrets(namespace, logins, run);
      } catch (error) {
        // pods may still start, as their images may be public
        if (!isForbidden(error)) throw error;
        run.log.warn(`The cluster did not get the logins of registries: ${error.message}`);
      }
    }
  });
}

function namespacesOf(deployment: PlannedDeployment, defaultNamespace: string): string[] {
  const own = deployment.namespace ?? defaultNamespace;
  if (deployment.kind === 'release') return [own];
  return [own, ...deployment.objects.flatMap(({ metadata: { namespace } }) => namespace ?? [])];
}

async function findLogins(pullSecrets: readonly PullSecretConfig[], run: PullSecretRun): Promise<RegistryLogin[]> {
  const logins: RegistryLogin[] = [];
  for (const { registry, username, password, ...rest } of pullSecrets) {
    run.redactor.add(password);
    if (username !== undefined && password !== undefined) {
      logins.push({ ...rest, registry, username, password });
      continue;
    }
    // Docker's config is looked up by the name of an image
    const found = await useCredentials(`${registry}/image`, run);
    if (!found) run.log.debug(`There is no login for ${registry}, so the cluster gets none`);
    else logins.push({ ...rest, registry: found.serveraddress, ...toUser(found) });
  }
  return logins;
}

/** The user that Azure wants beside an identity token; other registries are not known to take one from the cluster. */
const tokenUser = '00000000-0000-0000-0000-000000000000';

function toUser({ username = '', password = '', identitytoken }: RegistryCredentials) {
  return identitytoken === undefined ? { username, password } : { username: tokenUser, password: identitytoken };
}
