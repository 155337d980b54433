import { openSession } from '../../config/session.ts';
import type { ProjectState } from '../../config/state/state.ts';
import { UserError } from '../../core/errors.ts';
import { type ProjectOptions, toLoadOptions } from '../project.ts';
import type { Tools } from '../tools.ts';

export interface StateChange {
  readonly apply: (state: ProjectState) => void;
  /** Looks at the state as it was read again. */
  readonly isSaved: (state: ProjectState) => boolean;
}

/**
 * Changes what the project remembers, whatever is wrong with its configuration. Loading only warns when the state
 * cannot be written; here saving is what was asked for, so that it is `STATE_UNWRITABLE`.
 */
export async function changeState(options: ProjectOptions, tools: Tools, change: StateChange): Promise<void> {
  const loadOptions = toLoadOptions(options, tools);
  const session = await openSession(loadOptions);
  change.apply(session.state);
  await session.state.save();
  const { state } = await openSession(loadOptions);
  if (!change.isSaved(state)) {
    throw new UserError('STATE_UNWRITABLE', session.warnings.at(-1) ?? 'The state of the project could not be saved');
  }
  for (const warning of session.warnings) tools.log.warn(warning);
}
