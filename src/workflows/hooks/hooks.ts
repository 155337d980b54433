import { errorText, isCancelled } from '../../core/errors.ts';
import type { Project } from '../project.ts';
import type { Run } from '../tools.ts';
import { runHook } from './run-hook.ts';
import { eventNames, type HookMoment, selectHooks } from './select-hooks.ts';

/** What a hook's command is told in `DEVSPACE_HOOK_…`, such as `IMAGE_TAG`. */
export type HookFacts = Readonly<Record<string, string>>;

/** The hooks of a project during one run of a command. */
export interface Hooks {
  /** Runs the hooks of a moment one after the other. Rejects with `HOOK_FAILED` when one fails; the rest do not run. */
  fire(moment: HookMoment, facts?: HookFacts): Promise<void>;
  /** Runs the work between the hooks `before:` and `after:` it; when it fails, those of `error:` run instead. */
  around<T>(moment: Omit<HookMoment, 'when'>, work: () => Promise<T>, facts?: HookFacts): Promise<T>;
  /** Runs a whole command, such as `deployCommand`, between its hooks. */
  command<T>(name: HookedCommand, work: () => Promise<T>): Promise<T>;
}

export type HookedCommand = 'devCommand' | 'buildCommand' | 'deployCommand' | 'purgeCommand';

export function createHooks(project: Project, run: Run): Hooks {
  const runAll = async (events: readonly string[], facts: HookFacts, signal: AbortSignal): Promise<void> => {
    const [event = ''] = events;
    const context = { project, event, facts };
    for (const hook of selectHooks(project.config.hooks, events, process.platform)) {
      await runHook(hook, context, { ...run, signal });
    }
  };
  const fire = (moment: HookMoment, facts: HookFacts = {}) => runAll(eventNames(moment), facts, run.signal);
  /** Hooks of a failure clean up, so they run although the run is cancelled; their own failure must not hide the first. */
  const fireFailure = async (events: readonly string[], error: unknown, facts: HookFacts): Promise<void> => {
    const signal = run.signal.aborted ? AbortSignal.timeout(interruptedHookMs) : run.signal;
    await runAll(events, { ...facts, ERROR: errorText(error) }, signal).catch((failure: unknown) =>
      run.log.warn(errorText(failure)),
    );
  };
  return {
    fire,
    async around(moment, work, facts = {}) {
      await fire({ ...moment, when: 'before' }, facts);
      const result = await work().catch(async (error: unknown) => {
        await fireFailure(eventNames({ ...moment, when: 'error' }), error, facts);
        throw error;
      });
      await fire({ ...moment, when: 'after' }, facts);
      return result;
    },
    async command(name, work) {
      await runAll([`${name}:before:execute`], {}, run.signal);
      const result = await work().catch(async (error: unknown) => {
        const event = isCancelled(error) || run.signal.aborted ? 'interrupt' : 'error';
        await fireFailure([`${name}:${event}`], error, {});
        throw error;
      });
      await runAll([`${name}:after:execute`], {}, run.signal);
      return result;
    },
  };
}

/** So long may hooks of an interrupted command take; the second Ctrl-C and the end of the grace time are near. */
const interruptedHookMs = 4_000;
