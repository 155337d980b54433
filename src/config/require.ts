import { coerce, parse, satisfies, validRange } from 'semver';
import { UserError } from '../core/errors.ts';
import { runProgram } from '../core/run-program.ts';
import type { LoadedProject } from './loaded-project.ts';
import { toPattern } from './variables/prompt.ts';

export interface RequireOptions {
  /** The version of DevSpace that this program stands for; a development build has none and passes. */
  readonly devspaceVersion?: string;
  readonly signal: AbortSignal;
}

/**
 * Compares `require` of the file with what is installed. Everything that does not fit comes as one `CONFIG_REQUIRE`.
 * Plugins cannot be checked; they are told as warnings. `spec-config.md` 10.7 of the reference.
 */
export async function checkRequirements(project: LoadedProject, options: RequireOptions): Promise<readonly string[]> {
  const { require: required } = project.model;
  if (!required) return [];
  const mistakes: string[] = [];
  const { devspace } = required;
  if (devspace && options.devspaceVersion && !isDevelopment(options.devspaceVersion)) {
    mistakes.push(...compare('DevSpace', options.devspaceVersion, devspace));
  }
  for (const command of required.commands ?? [])
    mistakes.push(...(await checkCommand(command, project, options.signal)));
  if (mistakes.length > 0) throw new UserError('CONFIG_REQUIRE', mistakes.join('\n'));
  return (required.plugins ?? []).map(
    ({ name }) => `The plugin ${name ?? ''} is required by the file; plugins are not known here and not checked`,
  );
}

interface RequiredCommand {
  readonly name?: string;
  readonly version?: string;
  readonly versionArgs?: readonly string[];
  readonly versionRegEx?: string;
}

async function checkCommand(command: RequiredCommand, project: LoadedProject, signal: AbortSignal): Promise<string[]> {
  const { name = '', version = '', versionArgs = ['version'], versionRegEx } = command;
  const cwd = project.config.projectRoot;
  const result = await runProgram({ program: name, args: versionArgs, cwd, env: project.env, signal });
  if (result.failure !== undefined) return [`${name} ${version} is required, but ${result.failure}`];
  const pattern = toPattern(versionRegEx) ?? /(v\d+\.\d+\.\d+)/;
  const match = pattern.exec(result.stdout) ?? pattern.exec(result.stderr);
  const found = match?.[1] ?? match?.[0];
  if (found === undefined) {
    return [`\`${[name, ...versionArgs].join(' ')}\` does not tell its version; ${version} is required`];
  }
  return compare(name, found, version);
}

function compare(name: string, installed: string, range: string): string[] {
  const wanted = toRange(range);
  if (wanted === null) return [`require: ${range} for ${name} is no range of versions`];
  const version = parse(installed) ?? coerce(installed);
  if (!version) return [`${name} ${range} is required, and ${installed} cannot be compared with it`];
  if (satisfies(version, wanted, { includePrerelease: true })) return [];
  return [`${name} ${range} is required, ${version.version} is installed`];
}

/** Go's ranges separate conditions with commas and allow `=>`. */
function toRange(range: string): string | null {
  return validRange(range.replace(/=>/g, '>=').replace(/=</g, '<=').replace(/,\s*/g, ' '));
}

function isDevelopment(version: string): boolean {
  return /^v?0\.0\.0/.test(version) || !parse(version);
}
