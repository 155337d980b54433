import type { LoadedProject } from '../../config/loaded-project.ts';
import { secretMask } from '../../config/variables/variables.ts';

/** Values shorter than this are masked only where they stand alone: elsewhere they would mask innocent words. */
const shortLength = 4;

/** The data with the values of password variables masked, wherever they came to stand. */
export function maskSecrets(data: unknown, project: Pick<LoadedProject, 'resolver'>): unknown {
  const secrets = [...project.resolver.resolved.values()]
    .filter(({ isSecret }) => isSecret)
    .map(({ value }) => String(value ?? ''))
    .filter((secret) => secret !== '')
    // the longest first: one secret may be a part of another
    .sort((a, b) => b.length - a.length);
  return secrets.length === 0 ? data : maskValue(data, secrets);
}

function maskValue(value: unknown, secrets: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => maskValue(item, secrets));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, maskValue(item, secrets)]));
  }
  if (typeof value === 'string') return maskText(value, secrets);
  return secrets.includes(String(value)) ? secretMask : value;
}

function maskText(text: string, secrets: readonly string[]): string {
  if (secrets.includes(text)) return secretMask;
  return secrets
    .filter((secret) => secret.length >= shortLength)
    .reduce((masked, secret) => masked.replaceAll(secret, secretMask), text);
}
