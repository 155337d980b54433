/** An image name as users write it, taken apart. */
export interface ImageName {
  /** Without the tag. Names of Docker Hub come without `docker.io/` and `library/`. */
  readonly repository: string;
  readonly tag: string;
  /** Host of the registry, with its port; empty for Docker Hub, or when a variable hides it. */
  readonly registry: string;
}

/**
 * Takes an image name apart by the rules of Docker's reference grammar: what stands before the first slash is a registry
 * if it holds a dot or a colon, or is `localhost`. A registry may hold unresolved variables among such text; other names
 * with a variable are taken as they are.
 */
export function parseImageName(image: string): ImageName {
  const trimmed = image.trim();
  const slash = trimmed.indexOf('/');
  const first = slash < 0 ? '' : trimmed.slice(0, slash);
  const known = first.replace(/\$!?\{[^}]*\}/g, '');
  const isRegistry = first === 'localhost' || /[.:]/.test(known) || known !== known.toLowerCase();
  const domain = isRegistry ? first : '';
  const [withoutDigest = ''] = trimmed.split('@');
  const rest = domain === '' ? withoutDigest : withoutDigest.slice(slash + 1);
  const [name = '', tag = ''] = hasVariable(rest) ? [rest] : rest.split(':');
  const isHub = domain === '' || domain === 'docker.io' || domain === 'index.docker.io';
  const hubName = domain !== '' && name.startsWith('library/') ? name.slice('library/'.length) : name;
  return { repository: isHub ? hubName : `${domain}/${name}`, tag, registry: isHub ? '' : domain };
}

/** Whether `${NAME}` or an expression still stands in the text. */
export const hasVariable = (text: string): boolean => /\$!?[{(]/.test(text);

const part = '[a-z0-9]+(?:(?:\\.|_{1,2}|-+)[a-z0-9]+)*';
const imageFormat = new RegExp(
  `^(?:[A-Za-z0-9.-]+(?::\\d+)?/)?${part}(?:/${part})*(?::[\\w][\\w.-]{0,127})?(?:@[a-z0-9]+:[0-9a-f]{32,})?$`,
);

/** Whether Docker accepts the name. Names with an unresolved variable are not judged. */
export const isImageName = (image: string): boolean => hasVariable(image) || imageFormat.test(image.trim());
