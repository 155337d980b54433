import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { parseReference } from '../images/reference.ts';
import { EngineError } from './engine-error.ts';
import type { BuildRequest } from './stage.ts';

/** The query of `POST /build` (Docker Engine API 1.41) as far as the classic builder here knows it. */
export function toBuildRequest(query: URLSearchParams, environment: Readonly<Record<string, string>>): BuildRequest {
  if (query.get('version') === '2')
    throw new EngineError(
      400,
      'BuildKit is not part of the embedded engine; use its classic builder (DOCKER_BUILDKIT=0)',
    );
  if (query.get('remote'))
    throw new EngineError(400, 'The embedded engine builds from a context that is sent, not from an address');
  const tags = query.getAll('t').filter((tag) => tag !== '');
  for (const tag of tags) {
    if (!parseReference(tag))
      throw new EngineError(400, `invalid argument "${tag}" for "-t, --tag" flag: invalid reference format`);
  }
  return {
    tags,
    dockerfile: query.get('dockerfile') || 'Dockerfile',
    target: query.get('target') ?? '',
    buildArgs: toStrings(query.get('buildargs'), 'buildargs'),
    labels: toStrings(query.get('labels'), 'labels'),
    cache: isSet(query.get('nocache')) ? 'ignore' : 'use',
    network: query.get('networkmode') === 'none' ? 'own' : 'host',
    environment,
  };
}

export function isSet(value: string | null): boolean {
  return value !== null && !['', '0', 'false', 'no', 'none'].includes(value.toLowerCase());
}

function toStrings(json: string | null, name: string): Record<string, string> {
  if (!json) return {};
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new EngineError(400, `error reading ${name}: it is not JSON`);
  }
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, entry]) => (typeof entry === 'string' ? [[key, entry]] : [])),
  );
}

const networkVariables = /^((https?|no|ftp|all)_proxy|ssl_cert_(file|dir)|node_extra_ca_certs|npm_config_registry)$/i;

/**
 * How this machine reaches the network, for `RUN`: proxies, certificate files and the address of the npm registry,
 * never a password of it.
 */
export function networkEnvironment(environment: NodeJS.ProcessEnv): Record<string, string> {
  const found = Object.entries(environment).flatMap(([name, value]) =>
    value !== undefined && networkVariables.test(name) ? [[name, value]] : [],
  );
  const npmrc = path.join(environment.HOME ?? homedir(), '.npmrc');
  const registry = existsSync(npmrc) ? /^registry\s*=\s*(\S+)/m.exec(readFileSync(npmrc, 'utf8'))?.[1] : undefined;
  return {
    ...(registry ? { npm_config_registry: registry } : {}),
    ...(Object.fromEntries(found) as Record<string, string>),
  };
}
