/** Scripts that are run only when somebody asks for them. */
export function isScript(path: string): boolean {
  return /^\/(pipelines|commands|functions)\//.test(path);
}

/** Texts that a shell runs: there `${NAME}` may well be a variable of that shell, so only defined ones are filled. */
export function isShellText(path: string): boolean {
  return isScript(path) || /^\/hooks\/\d+\/(command|args\/)/.test(path);
}

/** What becomes a part of a pod, where `$(NAME)` may well be a variable of its container. */
export function isForPod(path: string): boolean {
  return /^\/deployments\//.test(path) || /^\/dev\/.*\/(command|args|env)\//.test(path);
}
