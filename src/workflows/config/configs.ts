import { shownPath } from '../../config/diagnostics.ts';
import { child, type Node, stringAt } from '../../config/document/node.ts';
import { parseYaml } from '../../config/document/parse.ts';
import { readSource } from '../../config/document/read.ts';
import { configNames } from '../../config/named-configs.ts';
import { toSuggestion } from '../../config/schema/suggestion.ts';
import { openSession, type Session } from '../../config/session.ts';
import { UserError } from '../../core/errors.ts';
import { type ProjectOptions, toLoadOptions } from '../project.ts';
import type { Tools } from '../tools.ts';
import { changeState } from './change-state.ts';
import { choose } from './choose.ts';

/** A named configuration of `devspace-configs.yaml`. `spec-config.md` 2.8 of the reference. */
export interface ListedConfig {
  readonly name: string;
  readonly active: boolean;
  /** The file that it stands in; absent for one that stands in `devspace-configs.yaml` itself. */
  readonly path?: string;
  /** Whether it defines variables of its own. */
  readonly vars: boolean;
  readonly overrides: number;
}

/** The named configurations in the order of the file; empty for a project that has just one. */
export async function listConfigs(options: ProjectOptions, tools: Tools): Promise<ListedConfig[]> {
  const session = await openSession(toLoadOptions(options, tools));
  const root = await readConfigs(session);
  const active = session.state.activeConfig ?? 'default';
  return configNames(root).map((name) => {
    const entry = child(root, name);
    const path = stringAt(child(entry, 'config'), 'path');
    const overrides = child(entry, 'overrides');
    return {
      name,
      active: name === active,
      ...(path === undefined ? {} : { path }),
      vars: child(entry, 'vars') !== undefined,
      overrides: overrides?.kind === 'sequence' ? overrides.items.length : 0,
    };
  });
}

/** Remembers which configuration all later runs use. Without a name it is asked for. */
export async function useConfig(name: string | undefined, options: ProjectOptions, tools: Tools): Promise<string> {
  const names = (await listConfigs(options, tools)).map((config) => config.name);
  if (names.length === 0) {
    throw new UserError('CONFIG_PROFILE', 'This project has no devspace-configs.yaml, so there is nothing to choose');
  }
  const question = { what: 'configuration', names, flag: 'devspace use config NAME', signal: options.signal };
  const chosen = name ?? (await choose(question, tools));
  if (!names.includes(chosen)) throw unknownConfig(chosen, names);
  await changeState(options, tools, {
    apply: (state) => state.useConfig(chosen),
    isSaved: (state) => state.activeConfig === chosen,
  });
  return chosen;
}

/** Back to the configuration `default`. */
export async function resetConfig(options: ProjectOptions, tools: Tools): Promise<void> {
  await changeState(options, tools, {
    apply: (state) => state.useConfig(undefined),
    isSaved: (state) => state.activeConfig === undefined,
  });
}

async function readConfigs({ found, options }: Session): Promise<Node | undefined> {
  if (found.kind !== 'configs') return undefined;
  const name = shownPath(found.path, options.cwd);
  const { root, problems } = parseYaml(await readSource(found.path, name));
  if (root?.kind === 'mapping' && !problems.some(({ severity }) => severity === 'error')) return root;
  throw new UserError('CONFIG_INVALID', `${name} is no map of configurations`, {
    hint: '`devspace print` lists its mistakes.',
  });
}

function unknownConfig(name: string, names: readonly string[]): UserError {
  const meant = toSuggestion(name, names);
  const known = `Configurations: ${names.join(', ')}.`;
  return new UserError('CONFIG_PROFILE', `There is no configuration ${name} in devspace-configs.yaml`, {
    hint: meant === undefined ? known : `Did you mean ${meant}? ${known}`,
  });
}
