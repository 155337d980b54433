import { createHash } from 'node:crypto';
import path from 'node:path';

/** How names must look: lower case, digits, and dashes inside. */
export const safeName = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
/** Commands may have underscores, too. */
export const safeCommandName = /^[a-z0-9]([a-z0-9_-]*[a-z0-9])?$/;
/** Variables may have underscores and capitals, too. */
export const safeVariableName = /^[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?$/;

/** The name that the newest version allows for what older ones called differently: `My App` becomes `my-app`. */
export const toSafeName = (name: string): string => limited(withDashes(name).replace(/[^a-z0-9-]+/g, ''));

export const toSafeCommandName = (name: string): string => limited(withDashes(name).replace(/[^a-z0-9_-]+/g, ''));

/** The project's name when the file has none: the folder's, or `devspace` where that is too short. */
export function toProjectName(folder: string): string {
  const name = path.basename(folder);
  const safe = toSafeName(name);
  return name.length > 2 && safeName.test(safe) ? safe : 'devspace';
}

const withDashes = (name: string): string => name.toLowerCase().replace(/[@/.:\s]+/g, '-');

/** Kubernetes allows 63 characters: a longer name ends with a hash of the whole. */
function limited(name: string): string {
  if (name.length <= 63) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 7);
  return `${name.slice(0, 55)}-${hash}`.replaceAll('.-', '-');
}
