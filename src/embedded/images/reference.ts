import path from 'node:path';

/** The parts of an image's name, in the long form that Docker uses inside. */
export interface ImageReference {
  /** `docker.io/library/node`, `localhost:5000/me/app`. */
  readonly repository: string;
  readonly tag: string;
  readonly digest?: string | undefined;
}

/** Parses a name; `undefined` if it is none (the rules of the distribution reference grammar). */
export function parseReference(text: string): ImageReference | undefined {
  const match = /^(?<name>[^@]+?)(?::(?<tag>[\w][\w.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$/.exec(text);
  const name = match?.groups?.name;
  if (name === undefined) return undefined;
  const [first = '', ...rest] = name.split('/');
  const hasHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  const parts = hasHost ? rest : [first, ...rest];
  if (!parts.every((part) => /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/.test(part))) return undefined;
  const host = hasHost ? first : 'docker.io';
  const repository = host === 'docker.io' && parts.length === 1 ? `library/${parts[0]}` : parts.join('/');
  return { repository: `${host}/${repository}`, tag: match?.groups?.tag ?? 'latest', digest: match?.groups?.digest };
}

/** The short name that people type: without Docker Hub and its `library`. */
export function familiarRepository(repository: string): string {
  return repository.replace(/^docker\.io\/(library\/)?/, '');
}

export function familiarName(reference: ImageReference): string {
  return `${familiarRepository(reference.repository)}:${reference.tag}`;
}

/** Official images that tutorials and Dockerfiles start from. */
const wellKnown = [
  ...['alpine', 'amazoncorretto', 'amazonlinux', 'bash', 'buildpack-deps', 'busybox', 'caddy', 'composer', 'debian'],
  ...['docker', 'eclipse-temurin', 'elixir', 'fedora', 'gcc', 'golang', 'gradle', 'haproxy', 'httpd', 'mariadb'],
  ...['maven', 'memcached', 'mongo', 'mysql', 'nginx', 'node', 'openjdk', 'perl', 'php', 'postgres', 'python'],
  ...['rabbitmq', 'redis', 'rockylinux', 'ruby', 'rust', 'scratch', 'traefik', 'ubuntu'],
];

/** True for an official base image by its plain name, whatever the tag. */
export function isWellKnownBase(reference: ImageReference): boolean {
  return (
    path.dirname(reference.repository) === 'docker.io/library' &&
    wellKnown.includes(path.basename(reference.repository))
  );
}
