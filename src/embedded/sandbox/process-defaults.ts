import type { ImageConfig } from '../images/image.ts';
import type { ContainerOptions } from './sandbox.ts';
import { SandboxError } from './sandbox.ts';

const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * What runs: `command` replaces ENTRYPOINT and CMD, `args` replaces CMD (the table of the Kubernetes documentation,
 * "Define a Command and Arguments for a Container").
 */
export function toArgv(options: Pick<ContainerOptions, 'command' | 'args' | 'image'>): readonly string[] {
  const { Entrypoint, Cmd }: ImageConfig = options.image.config;
  const hasCommand = options.command !== undefined && options.command.length > 0;
  const entrypoint = hasCommand ? options.command : (Entrypoint ?? []);
  const args = options.args?.length ? options.args : hasCommand ? [] : (Cmd ?? []);
  const argv = [...entrypoint, ...args];
  if (argv.length === 0)
    throw new SandboxError('COMMAND_NOT_FOUND', 'Error response from daemon: No command specified');
  return argv;
}

/** The environment of a container: what every runtime sets, then the image's, then the container's own. */
export function toEnv(
  options: Pick<ContainerOptions, 'env' | 'image' | 'tty'>,
  defaults: { readonly home: string; readonly hostname: string },
): Record<string, string> {
  const ofImage = (options.image.config.Env ?? []).map((entry): [string, string] => {
    const at = entry.indexOf('=');
    return at < 0 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)];
  });
  return {
    PATH: defaultPath,
    HOSTNAME: defaults.hostname,
    ...(options.tty ? { TERM: 'xterm' } : {}),
    HOME: defaults.home,
    ...Object.fromEntries(ofImage),
    ...options.env,
  };
}
