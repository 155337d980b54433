import type { RegistryCredentials } from '../../docker/client.ts';
import { loginSecret, toBase64 } from '../../kube/login-secret.ts';
import type { KubeObject } from '../../kube/objects.ts';

/** Pure: the Secret with the login, as Docker's own config has it. */
export function planLoginSecret(name: string, credentials: RegistryCredentials): KubeObject {
  const { serveraddress, username = '', password = '', identitytoken } = credentials;
  const auth = toBase64(`${username}:${password}`);
  const entry = identitytoken === undefined ? { auth } : { auth, identitytoken };
  return loginSecret({ name, labels: { 'devspace-build': 'true' } }, { [serveraddress]: entry });
}
