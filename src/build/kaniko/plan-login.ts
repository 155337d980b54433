import type { RegistryCredentials } from '../../docker/client.ts';
import type { KubeObject } from '../../kube/objects.ts';

/** The key of a Secret that holds Docker's config. */
export const loginKey = '.dockerconfigjson';

/** Pure: the Secret with the login, as Docker's own config has it. */
export function planLoginSecret(name: string, credentials: RegistryCredentials): KubeObject {
  const { serveraddress, username = '', password = '', identitytoken } = credentials;
  const auth = Buffer.from(`${username}:${password}`).toString('base64');
  const entry = identitytoken === undefined ? { auth } : { auth, identitytoken };
  const config = JSON.stringify({ auths: { [serveraddress]: entry } });
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, labels: { 'devspace-build': 'true' } },
    type: 'kubernetes.io/dockerconfigjson',
    data: { [loginKey]: Buffer.from(config).toString('base64') },
  };
}
