/** Texts that a shell runs: there `${NAME}` may well be a variable of that shell. */
export function isScript(path: string): boolean {
  return /^\/(pipelines|commands|functions)\//.test(path);
}
