import { type CommandPlan, planCommand } from '../../config/run-command.ts';
import { UserError } from '../../core/errors.ts';
import { loadConfiguration, type ProjectOptions } from '../project.ts';
import type { Tools } from '../tools.ts';
import { type LocalProgram, runLocally } from './run-locally.ts';

/**
 * Runs a command of the project on the user's terminal and returns its exit code. Only the variables that it uses are
 * needed. `after` runs whatever happened; its own exit code counts if the command succeeded.
 */
export async function runCommand(words: readonly string[], options: ProjectOptions, tools: Tools): Promise<number> {
  const [name, ...args] = words;
  const project = await loadConfiguration(options, { sections: ['commands', 'functions'] }, tools);
  if (name === undefined) throw noName(Object.keys(project.model.commands ?? {}));
  const plan = await planCommand(project, name, args);
  await project.state.save();
  const { signal } = options;
  const exitCode = await runLocally(toProgram(plan), { ...tools, signal });
  const afterCode = plan.after === undefined ? 0 : await runAfter({ plan, args, exitCode, signal }, tools);
  // a command that ended by itself after the signal has the last word, one that was killed has not
  if (exitCode > killedBySignal) signal.throwIfAborted();
  return exitCode === 0 ? afterCode : exitCode;
}

/** Exit codes above this are signals. */
const killedBySignal = 128;

interface Ended {
  readonly plan: CommandPlan;
  readonly args: readonly string[];
  readonly exitCode: number;
  readonly signal: AbortSignal;
}

async function runAfter({ plan, args, exitCode, signal }: Ended, tools: Tools): Promise<number> {
  const env = {
    ...plan.env,
    ...(exitCode === 0 ? {} : { COMMAND_ERROR: `exit code ${exitCode}` }),
    ...(signal.aborted ? { COMMAND_INTERRUPT: 'true' } : {}),
  };
  const after = toProgram({ ...plan, env, run: { kind: 'shell', script: plan.after ?? '', args } });
  // it cleans up, so it also runs after an interrupt
  return runLocally(after, { ...tools, signal: new AbortController().signal });
}

function toProgram({ name, run, cwd, env }: CommandPlan): LocalProgram {
  if (run.kind === 'program') return { candidates: [run.program], args: run.args, cwd, env };
  // the original's shell understands Bash, so Bash is taken where it is installed
  return { candidates: ['bash', 'sh'], args: ['-c', run.script, name, ...run.args], cwd, env };
}

function noName(names: readonly string[]): UserError {
  const known = names.length === 0 ? 'The configuration has no commands.' : `Commands: ${names.join(', ')}.`;
  return new UserError('USAGE', 'No command is named', { hint: `Write \`devspace run NAME\`. ${known}` });
}
