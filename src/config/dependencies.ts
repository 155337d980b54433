import path from 'node:path';
import { UserError } from '../core/errors.ts';
import { at, fromData } from './document/node.ts';
import { placeText } from './document/source.ts';
import { configFileOf, fetchSource } from './imports/fetch-source.ts';
import { toSourceConfig } from './imports/source-config.ts';
import { loadConfig } from './load.ts';
import type { LoadedProject } from './loaded-project.ts';
import type { LoadOptions } from './session.ts';

/** Another project that this one needs, with its own configuration loaded. */
export interface LoadedDependency {
  readonly name: string;
  readonly project: LoadedProject;
  /** Absent: the namespace of the run. */
  readonly namespace?: string;
  readonly pipeline: string;
  /** The dependency's own dependencies; empty where a circle would begin. */
  readonly dependencies: readonly LoadedDependency[];
}

/**
 * Loads the configurations of all dependencies that are not disabled, in the order of the file, with the variables and
 * profiles that the file gives them. `--var` of the run counts for all. A dependency of a dependency that is already
 * above it closes a circle: it is told with the names of the circle and not loaded again. Each source is fetched once.
 * `spec-config.md` 12.3 of the reference.
 */
export async function loadDependencies(
  project: LoadedProject,
  options: LoadOptions,
  warn: (message: string) => void,
): Promise<LoadedDependency[]> {
  const trail = [{ name: project.projectName, file: project.path }];
  return loadAll(project, { options, trail, fetched: new Map(), warn });
}

async function loadAll(project: LoadedProject, visit: Visit): Promise<LoadedDependency[]> {
  const loaded: LoadedDependency[] = [];
  for (const name of Object.keys(project.model.dependencies ?? {})) {
    const dependency = await loadDependency(project, name, visit);
    if (dependency) loaded.push(dependency);
  }
  return loaded;
}

interface Visit {
  readonly options: LoadOptions;
  /** From the project of the run down to the one whose dependencies are loaded. */
  readonly trail: readonly { readonly name: string; readonly file: string }[];
  /** Where each source of this run is, so that none is cloned or pulled twice. */
  readonly fetched: Map<string, Promise<string>>;
  readonly warn: (message: string) => void;
}

async function loadDependency(
  project: LoadedProject,
  name: string,
  visit: Visit,
): Promise<LoadedDependency | undefined> {
  const entry = project.model.dependencies?.[name];
  if (!entry || entry.disabled === true) return undefined;
  const { options, trail, fetched, warn } = visit;
  const place =
    at(project.stages.variables, project.origins.toDeclared(['dependencies', name])) ?? project.stages.variables;
  // several dependencies may live in one repository
  const { subPath = '', ...source } = toSourceConfig(fromData(entry, place.span));
  const basePath = path.dirname(project.path);
  const key = JSON.stringify([source, source.git ? '' : basePath]);
  const fetching =
    fetched.get(key) ??
    fetchSource(source, {
      cwd: options.cwd,
      basePath,
      userFolder: project.userFolder,
      env: options.env,
      signal: options.signal,
      warn: (message) => warn(`Dependency ${name}: ${message}`),
    });
  fetched.set(key, fetching);
  const file = configFileOf(path.join(await fetching, subPath));
  const begin = trail.findIndex((above) => above.file === file);
  if (begin >= 0) {
    const circle = [...trail.slice(begin).map((above) => above.name), name].join(' → ');
    warn(`${placeText(place.span)}: the dependencies go in a circle (${circle}); ${name} is not deployed again`);
    return undefined;
  }
  const own = Object.entries(entry.vars ?? {}).map(([key, value]) => `${key}=${String(value)}`);
  const child = await loadConfig({
    ...options,
    configPath: file,
    profiles: entry.profiles ?? [],
    savedProfile: 'ignored',
    profileActivation: entry.disableProfileActivation ? 'disabled' : 'enabled',
    vars: [...inherited(project, entry.overwriteVars ?? false), ...own, ...(options.vars ?? [])],
  }).catch((error: unknown) => {
    throw withDependency(error, name, placeText(place.span));
  });
  return {
    name,
    project: child,
    ...(entry.namespace ? { namespace: entry.namespace } : {}),
    pipeline: entry.pipeline ?? 'deploy',
    dependencies: entry.ignoreDependencies ? [] : await loadAll(child, { ...visit, trail: [...trail, { name, file }] }),
  };
}

/** With `overwriteVars` every variable of the parent that has a value goes down. */
function inherited(project: LoadedProject, overwrites: unknown): string[] {
  if (overwrites !== true) return [];
  return [...project.resolver.resolved.values()]
    .filter(({ origin }) => origin !== 'predefined')
    .map(({ name, value }) => `${name}=${String(value ?? '')}`);
}

function withDependency(error: unknown, name: string, place: string): unknown {
  if (!(error instanceof UserError)) return error;
  return new UserError(error.code, `${place}: dependency ${name}: ${error.message}`, {
    hint: error.hint,
    cause: error,
  });
}
