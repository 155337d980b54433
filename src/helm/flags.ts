/** Which arguments of Helm mean something to which of its commands (`helm COMMAND --help`). */

const certificateFlags = ['--ca-file', '--cert-file', '--key-file'];
export const repositoryFlags = [...certificateFlags, '--insecure-skip-tls-verify', '--pass-credentials'];
export const registryFlags = [...certificateFlags, '--insecure-skip-tls-verify', '--plain-http'];
/** Arguments of `helm upgrade` that are about fetching the chart. */
export const fetchFlags = [...repositoryFlags, '--plain-http', '--keyring', '--verify', '--devel'];
const settingFlags = ['--set', '--set-string', '--set-file', '--set-json', '--set-literal', '--values', '-f'];
const rendererFlags = ['--post-renderer', '--post-renderer-args'];
/** Arguments of `helm upgrade` that decide about the manifests. */
export const valueFlags = [...settingFlags, ...rendererFlags, '--no-hooks', '--skip-crds'];
const flagsWithValue = [...certificateFlags, ...settingFlags, ...rendererFlags, '--keyring'];

/** Those of the arguments that are one of the flags, each with its value. */
export function selectFlags(args: readonly string[], flags: readonly string[]): string[] {
  return args.filter((arg, index) => {
    const before = args[index - 1] ?? '';
    if (flagsWithValue.includes(before)) return flags.includes(before);
    return flags.includes(arg.split('=')[0] ?? '');
  });
}
