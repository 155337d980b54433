import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { child, type Node, stringAt } from '../document/node.ts';
import { parseYaml } from '../document/parse.ts';

/** What the original DevSpace left in `.devspace` and what we take over. */
export interface OriginalState {
  readonly vars: ReadonlyMap<string, string>;
  readonly activeProfile?: string;
  readonly activeConfig?: string;
  readonly lastContext?: LastContext;
}

export interface LastContext {
  readonly context?: string;
  readonly namespace?: string;
}

/**
 * Reads `generated.yaml` of versions 3 to 5 and `cache.yaml` of version 6. A file that cannot be read or whose answers
 * are encrypted gives a warning and is otherwise left alone. `spec-config.md` 3.4, 7.4 and 13 of the reference.
 */
export async function readOriginalState(
  folder: string,
  configName: string,
  warn: (message: string) => void,
): Promise<OriginalState> {
  const cacheName = configName === 'devspace.yaml' ? 'cache.yaml' : `cache-${configName}`;
  const generated = await readYaml(path.join(folder, 'generated.yaml'), warn);
  const cache = await readYaml(path.join(folder, cacheName), warn);
  const activeConfig = stringAt(generated, 'activeConfig');
  const configs = child(generated, 'configs');
  const vars = new Map([
    ...varsOf(child(configs, activeConfig ?? 'default'), 'generated.yaml', warn),
    ...varsOf(generated, 'generated.yaml', warn),
    ...varsOf(cache, cacheName, warn),
  ]);
  const activeProfile = stringAt(generated, 'activeProfile');
  const lastContext = contextOf(
    child(cache, 'lastContext') ?? child(child(child(generated, 'profiles'), activeProfile ?? ''), 'lastContext'),
  );
  return {
    vars,
    ...(activeProfile ? { activeProfile } : {}),
    ...(activeConfig ? { activeConfig } : {}),
    ...(lastContext ? { lastContext } : {}),
  };
}

async function readYaml(file: string, warn: (message: string) => void): Promise<Node | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    return undefined;
  }
  const { root, problems } = parseYaml({ path: file, text });
  if (problems.some(({ severity }) => severity === 'error')) {
    warn(`${file} is damaged and is not used; it is left as it is`);
    return undefined;
  }
  return root;
}

function varsOf(node: Node | undefined, name: string, warn: (message: string) => void): [string, string][] {
  const vars = child(node, 'vars');
  if (vars?.kind !== 'mapping' || vars.entries.size === 0) return [];
  const encrypted = child(node, 'varsEncrypted');
  if (encrypted?.kind === 'scalar' && encrypted.value === true) {
    warn(`.devspace/${name} has answers that only the DevSpace which saved them can read; they are asked for again`);
    return [];
  }
  return [...vars.entries].flatMap(([key, { value }]): [string, string][] =>
    value.kind === 'scalar' && value.value !== null ? [[key, value.text ?? String(value.value)]] : [],
  );
}

function contextOf(node: Node | undefined): LastContext | undefined {
  const context = stringAt(node, 'context');
  const namespace = stringAt(node, 'namespace');
  if (context === undefined && namespace === undefined) return undefined;
  return { ...(context === undefined ? {} : { context }), ...(namespace === undefined ? {} : { namespace }) };
}
