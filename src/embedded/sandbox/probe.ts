import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp } from 'node:fs/promises';
import path from 'node:path';
import { removeFolder } from './remove-folder.ts';
import { toolEnv, toolPath } from './tool.ts';

const instead = 'Use a real cluster instead: set KUBECONFIG, or start one with kind, minikube or k3d.';

const allSpaces = 'unshare -U --map-root-user -m -n -u -i -p -f';

/** What the sandbox needs, and the package that brings it. */
const tools: Readonly<Record<string, string>> = {
  unshare: 'util-linux',
  nsenter: 'util-linux',
  mount: 'util-linux (mount)',
  umount: 'util-linux (mount)',
  pivot_root: 'util-linux',
  script: 'util-linux (bsdutils, util-linux-script)',
  mkfifo: 'coreutils',
  stty: 'coreutils',
  env: 'coreutils',
  sh: 'a POSIX shell',
};

/**
 * Tries what pods need, in a folder below `folder` (the state folder, made if missing). Resolves with what is missing,
 * one plain sentence each and a last one about what to use instead; empty if containers can run here.
 */
export async function probeSandbox(folder: string): Promise<readonly string[]> {
  const missing = process.platform === 'linux' ? await probeLinux(folder) : [wrongSystem()];
  return missing.length === 0 ? [] : [...missing, instead];
}

function wrongSystem(): string {
  const name = { darwin: 'macOS', win32: 'Windows' }[process.platform as 'darwin' | 'win32'] ?? process.platform;
  return `Containers run as sandboxed processes of Linux; this is ${name}.`;
}

async function probeLinux(folder: string): Promise<string[]> {
  const absent = Object.entries(tools).filter(([name]) => !hasTool(name));
  if (absent.length > 0)
    return absent.map(([name, origin]) => `The program ${name} is missing; it is part of ${origin}.`);
  if (!['ip', 'busybox', 'ifconfig', 'perl'].some(hasTool)) {
    return ['Bringing up the loopback of a pod needs one of ip (iproute2), busybox, ifconfig or perl.'];
  }
  const inSpaces = await attempt(`${allSpaces} true`.split(' '));
  if (inSpaces !== undefined) return [userNamespaceAdvice(inSpaces)];
  return probeMounts(folder);
}

async function probeMounts(folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const own = await mkdtemp(path.join(folder, 'probe-'));
  const inside = (script: string) => attempt([...`${allSpaces} -- sh -ec`.split(' '), script, 'sh', own]);
  try {
    const words = await inside(
      'cd "$1"; mkdir a b c d; mount -t overlay overlay -o userxattr,lowerdir=a:b,upperdir=c,workdir=d a',
    );
    const proc = await inside('cd "$1"; mkdir p; mount -t proc proc p');
    return [
      ...(words === undefined ? [] : [overlayAdvice(folder, words)]),
      ...(proc === undefined
        ? []
        : [
            `A container may not have a /proc of its own here; inside another container this needs an unmasked /proc (${proc}).`,
          ]),
    ];
  } finally {
    await removeFolder(own);
  }
}

function hasTool(name: string): boolean {
  return toolPath.split(':').some((folder) => existsSync(path.join(folder, name)));
}

/** The words of the failure, or nothing. */
function attempt([file = '', ...args]: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(file, args, { env: toolEnv, timeout: 5000 }, (error, _stdout, stderr) => {
      resolve(error ? stderr.trim().split('\n')[0] || error.message : undefined);
    });
  });
}

function userNamespaceAdvice(words: string): string {
  const setting = (name: string) =>
    existsSync(`/proc/sys/${name}`) ? readFileSync(`/proc/sys/${name}`, 'utf8').trim() : '';
  const why = 'An ordinary user may not make user namespaces on this machine';
  if (setting('kernel/apparmor_restrict_unprivileged_userns') === '1') {
    return `${why}: AppArmor forbids it. An administrator can allow it with: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`;
  }
  if (setting('kernel/unprivileged_userns_clone') === '0') {
    return `${why}. An administrator can allow it with: sysctl -w kernel.unprivileged_userns_clone=1`;
  }
  if (setting('user/max_user_namespaces') === '0') {
    return `${why}. An administrator can allow it with: sysctl -w user.max_user_namespaces=15000`;
  }
  return `${why}; inside a container its runtime must allow it (${words}).`;
}

function overlayAdvice(folder: string, words: string): string {
  return `The file system of ${folder} cannot hold the layers of containers: that needs overlayfs in user namespaces (Linux 5.11) and a local file system that is not an overlay itself (${words}).`;
}
