import type { KubeObject } from './objects.ts';

/** The key of a Secret that holds Docker's config. */
export const loginKey = '.dockerconfigjson';

export const toBase64 = (text: string): string => Buffer.from(text).toString('base64');

/** Pure: a Secret with the logins of registries, as Docker's own config has them below `auths`. */
export function loginSecret(metadata: KubeObject['metadata'], auths: Readonly<Record<string, unknown>>): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata,
    type: 'kubernetes.io/dockerconfigjson',
    data: { [loginKey]: toBase64(JSON.stringify({ auths })) },
  };
}
