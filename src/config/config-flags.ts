import { child, type Node } from './document/node.ts';
import { toDefinitions } from './variables/definition.ts';

/** Flags that a project sets for everyone with the variable DEVSPACE_FLAGS. The command line itself wins. */
export interface ConfigFlags {
  readonly namespace?: string;
  readonly kubeContext?: string;
  readonly profiles: readonly string[];
  readonly vars: readonly string[];
}

/** Reads `vars.DEVSPACE_FLAGS` of the file, else the environment. Only the global flags count. */
export function configFlags(root: Node, env: Readonly<Record<string, string | undefined>>): ConfigFlags {
  const definition = toDefinitions(child(root, 'vars')).get('DEVSPACE_FLAGS');
  const written = definition?.value ?? definition?.default ?? env.DEVSPACE_FLAGS ?? '';
  return parseFlags(String(written));
}

/** Splits as a shell does for plain words and quotes, and keeps the flags that we know. */
export function parseFlags(text: string): ConfigFlags {
  const words = [...text.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, plain]) => double ?? single ?? plain ?? '',
  );
  let namespace: string | undefined;
  let kubeContext: string | undefined;
  const profiles: string[] = [];
  const vars: string[] = [];
  for (const [index, word] of words.entries()) {
    const [name = '', inline] = splitFlag(word);
    const value = inline ?? words[index + 1];
    if (value === undefined) continue;
    if (name === '-n' || name === '--namespace') namespace = value;
    if (name === '--kube-context') kubeContext = value;
    if (name === '-p' || name === '--profile') profiles.push(value);
    if (name === '--var') vars.push(value);
  }
  return {
    ...(namespace === undefined ? {} : { namespace }),
    ...(kubeContext === undefined ? {} : { kubeContext }),
    profiles,
    vars,
  };
}

function splitFlag(word: string): [string, string | undefined] {
  const at = word.indexOf('=');
  return word.startsWith('--') && at > 0 ? [word.slice(0, at), word.slice(at + 1)] : [word, undefined];
}
