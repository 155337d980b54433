import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { UserError } from '../../core/errors.ts';
import { readGit } from '../git.ts';
import type { VariableValue } from './syntax.ts';

/** What only the running program knows; asked when a variable needs it. */
export interface RuntimeFacts {
  /** What the command line says, which counts before everything else. */
  readonly explicit?: { readonly kubeContext?: string; readonly namespace?: string };
  /** The kube context of the run. */
  readonly kubeContext?: () => Promise<string | undefined>;
  /** The namespace of the run. */
  readonly namespace?: () => Promise<string | undefined>;
  /** The version of this program. */
  readonly version?: string;
  /** Absolute path of this program. */
  readonly executable?: string;
}

export interface PredefinedContext {
  readonly projectRoot: string;
  readonly projectName: string;
  readonly profiles: readonly string[];
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly facts: RuntimeFacts;
  /** From DEVSPACE_FLAGS of the file. */
  readonly flags: { readonly kubeContext?: string; readonly namespace?: string };
  readonly signal: AbortSignal;
}

type Load = (context: PredefinedContext) => VariableValue | undefined | Promise<VariableValue | undefined>;

/**
 * The variables that exist without a definition, of all versions. `undefined` says that the variable is known but has
 * no value here, such as the space of a cloud account. `spec-config.md` 3.3, 7.2 and 10.6 of the reference.
 */
const loaders: Readonly<Record<string, Load>> = {
  DEVSPACE_NAME: ({ projectName }) => projectName,
  DEVSPACE_EXECUTABLE: ({ facts }) => facts.executable ?? 'devspace',
  DEVSPACE_KUBECTL_EXECUTABLE: () => 'kubectl',
  DEVSPACE_TMPDIR: () => tmpdir(),
  DEVSPACE_VERSION: ({ facts }) => facts.version ?? '',
  DEVSPACE_RANDOM: () => randomLetters(),
  DEVSPACE_PROFILE: ({ profiles }) => profiles.at(-1) ?? '',
  DEVSPACE_PROFILES: ({ profiles }) => profiles.join(' '),
  DEVSPACE_USER_HOME: ({ home }) => home,
  DEVSPACE_TIMESTAMP: () => String(Math.floor(Date.now() / 1000)),
  DEVSPACE_GIT_BRANCH: (context) => fromGit(context, 'DEVSPACE_GIT_BRANCH', ['rev-parse', '--abbrev-ref', 'HEAD']),
  DEVSPACE_GIT_COMMIT: async (context) =>
    (await fromGit(context, 'DEVSPACE_GIT_COMMIT', ['rev-parse', 'HEAD'])).slice(0, 8),
  DEVSPACE_CONTEXT: async ({ facts, flags }) =>
    facts.explicit?.kubeContext ?? flags.kubeContext ?? (await facts.kubeContext?.()) ?? '',
  DEVSPACE_NAMESPACE: namespaceOf,
  DEVSPACE_SPACE: namespaceOf,
  DEVSPACE_SPACE_NAMESPACE: namespaceOf,
};

const aliases: Readonly<Record<string, string>> = {
  'devspace.name': 'DEVSPACE_NAME',
  'devspace.version': 'DEVSPACE_VERSION',
  'devspace.random': 'DEVSPACE_RANDOM',
  'devspace.profile': 'DEVSPACE_PROFILE',
  'devspace.userHome': 'DEVSPACE_USER_HOME',
  'devspace.timestamp': 'DEVSPACE_TIMESTAMP',
  'devspace.git.branch': 'DEVSPACE_GIT_BRANCH',
  'devspace.git.commit': 'DEVSPACE_GIT_COMMIT',
  'devspace.context': 'DEVSPACE_CONTEXT',
  'devspace.namespace': 'DEVSPACE_NAMESPACE',
};

/** The name under which a predefined variable is kept, or nothing when there is no such variable. */
export function predefinedName(name: string, ignoresCase: boolean): string | undefined {
  const known = Object.hasOwn(aliases, name) ? aliases[name] : ignoresCase ? name.toUpperCase() : name;
  return known !== undefined && Object.hasOwn(loaders, known) ? known : undefined;
}

export async function loadPredefined(name: string, context: PredefinedContext): Promise<VariableValue | undefined> {
  return loaders[name]?.(context);
}

async function namespaceOf({ facts, flags }: PredefinedContext): Promise<string> {
  return facts.explicit?.namespace ?? flags.namespace ?? (await facts.namespace?.()) ?? '';
}

function randomLetters(): string {
  const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
  return [...randomBytes(6)].map((byte) => letters[byte % letters.length]).join('');
}

async function fromGit(context: PredefinedContext, name: string, args: readonly string[]): Promise<string> {
  const answer = await readGit(args, { cwd: context.projectRoot, env: context.env, signal: context.signal });
  if (answer.ok) return answer.output.trim();
  throw new UserError(
    'CONFIG_VARIABLE',
    `The variable ${name} is used, but ${path.basename(context.projectRoot)} is no git repository with a commit: ${answer.reason}`,
    { hint: `Give the value with \`--var ${name}=…\`.` },
  );
}
