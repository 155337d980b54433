import { UserError } from '../../core/errors.ts';

/** The values of `--var NAME=VALUE`; of a name that is given several times the last one counts. */
export function parseVariableFlags(flags: readonly string[]): Map<string, string> {
  const values = new Map<string, string>();
  for (const flag of flags) {
    const at = flag.indexOf('=');
    if (at < 1) {
      const name = flag.slice(0, at === -1 ? undefined : at);
      throw new UserError('USAGE', `--var ${name}: expected NAME=VALUE`, { hint: 'For example `--var TAG=latest`.' });
    }
    values.set(flag.slice(0, at).trim(), flag.slice(at + 1).trim());
  }
  return values;
}
