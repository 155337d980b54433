import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, copyFile, lstat, mkdir, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { removeFolder } from './remove-folder.ts';
import { runTool } from './tool.ts';

/** This machine's own programs, as the lowest layer of every container. */
export interface MachineBase {
  /** `base`: everything but `/usr`; relative to the state folder, as all paths here. */
  readonly root: string;
  /** `base-usr`: holds `usr`, which lies over this machine's `/usr`. */
  readonly usr: string;
  /** Files and folders of this machine outside `/usr`, to be bound read-only at the same place. */
  readonly binds: readonly { readonly source: string; readonly target: string }[];
}

export interface BaseOptions {
  /** The state folder. */
  readonly folder: string;
  /** The Node.js binary that containers run as `node` (default: the one that runs us). */
  readonly nodePath?: string | undefined;
}

/** Parts of `/etc` that programs need; the rest (shadow, ssh keys, machine settings) stays outside. */
const etcEntries = [
  ...['alternatives', 'bash.bashrc', 'ca-certificates', 'ca-certificates.conf', 'debian_version', 'gai.conf'],
  ...['host.conf', 'inputrc', 'ld.so.cache', 'ld.so.conf', 'ld.so.conf.d', 'localtime', 'login.defs', 'magic'],
  ...['mime.types', 'networks', 'nsswitch.conf', 'os-release', 'pki', 'perl', 'profile', 'profile.d', 'protocols'],
  ...['python3', 'rpc', 'services', 'skel', 'ssl', 'terminfo', 'timezone', 'npmrc'],
];

const folders = [
  'boot',
  'dev',
  'etc',
  'home',
  'media',
  'mnt',
  'opt',
  'proc',
  'root',
  'run',
  'srv',
  'sys',
  'tmp',
  'usr',
];
const varFolders = ['cache', 'lib', 'local', 'log', 'mail', 'opt', 'spool', 'tmp'];
const programFolders = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32'];
const otherRoots = ['nix', 'gnu'];

const passwd = [
  'root:x:0:0:root:/root:/bin/sh',
  'daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin',
  'www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin',
  'nginx:x:101:101:nginx:/nonexistent:/bin/false',
  'node:x:1000:1000::/home/node:/bin/sh',
  'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin',
];
const group = [
  'root:x:0:',
  'daemon:x:1:',
  'tty:x:5:',
  'www-data:x:33:',
  'nginx:x:101:',
  'node:x:1000:',
  'nogroup:x:65534:',
];

/** Bound to the contents that this file makes: another number makes every base anew. */
const baseFormat = 1;

/**
 * Makes the lowest layer, or takes the one of an earlier start if the machine's programs are the same. A new one
 * disturbs running containers, so there may be none.
 */
export async function makeBase(options: BaseOptions): Promise<MachineBase> {
  const nodePath = options.nodePath ?? process.execPath;
  const stampFile = path.join(options.folder, 'base.json');
  const stamp = machineStamp(nodePath);
  const known = readKnown(stampFile);
  if (known?.stamp === stamp) return known.base;
  const root = path.join(options.folder, 'base');
  const usr = path.join(options.folder, 'base-usr');
  await Promise.all([removeFolder(root), removeFolder(usr), rm(stampFile, { force: true })]);
  const binds = await makeRoot(root);
  await makeUsr(path.join(usr, 'usr'));
  binds.push(...(await bringNode(path.join(usr, 'usr'), nodePath)));
  const base: MachineBase = { root: 'base', usr: 'base-usr', binds };
  await writeFile(stampFile, JSON.stringify({ stamp, base }));
  return base;
}

/** Changes when packages of the machine are installed, removed or brought up to date. */
function machineStamp(nodePath: string): string {
  const etc = ['', ...etcEntries, 'ssl/certs'].map((name) => path.join('/etc', name));
  const usr = realFolders('/usr').map((name) => path.join('/usr', name));
  const times = [...etc, ...usr, nodePath].map((file) => lstatSync(file, { throwIfNoEntry: false })?.mtimeMs);
  return JSON.stringify([baseFormat, nodePath, times]);
}

function readKnown(file: string): { readonly stamp: string; readonly base: MachineBase } | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as { stamp: string; base: MachineBase };
  } catch {
    return undefined;
  }
}

async function makeRoot(base: string): Promise<{ source: string; target: string }[]> {
  const binds: { source: string; target: string }[] = [];
  for (const folder of [...folders, ...varFolders.map((name) => `var/${name}`), 'home/node', 'var/www']) {
    await mkdir(path.join(base, folder), { recursive: true });
  }
  for (const shared of ['tmp', 'var/tmp']) await chmod(path.join(base, shared), 0o1777);
  await symlink('/run', path.join(base, 'var/run'));
  for (const name of [...programFolders, ...otherRoots]) {
    const found = await lstat(`/${name}`).catch(() => undefined);
    if (found?.isSymbolicLink()) await symlink(await readlink(`/${name}`), path.join(base, name));
    else if (found?.isDirectory()) {
      await mkdir(path.join(base, name));
      binds.push({ source: `/${name}`, target: `/${name}` });
    }
  }
  await makeEtc(path.join(base, 'etc'));
  return binds;
}

/** Private keys and what else only root may read are not copied, also if we are root. */
const copyEtc = `target=$1; shift
cd /etc
for name; do [ ! -e "$name" ] || cp -dR --preserve=mode,timestamps "$name" "$target/" 2>/dev/null || :; done
find "$target" -type f ! -perm -004 -exec rm -f {} +`;

async function makeEtc(etc: string): Promise<void> {
  await runTool('sh', ['-c', copyEtc, 'sh', etc, ...etcEntries]);
  await writeFile(path.join(etc, 'passwd'), `${passwd.join('\n')}\n`);
  await writeFile(path.join(etc, 'group'), `${group.join('\n')}\n`);
  for (const name of ['hosts', 'hostname', 'resolv.conf']) await writeFile(path.join(etc, name), '');
}

/**
 * The folders of `/usr`, two levels deep, as folders of our own: in the container they belong to its user, who can
 * so install programs beside those of the machine. And three programs that must accept that only one user exists.
 */
async function makeUsr(usr: string): Promise<void> {
  await mkdir(usr, { recursive: true });
  for (const folder of ['local/bin', 'local/lib/node_modules', 'lib/node_modules', 'src', 'libexec/devspace']) {
    await mkdir(path.join(usr, folder), { recursive: true });
  }
  for (const first of realFolders('/usr')) {
    mkdirSync(path.join(usr, first), { recursive: true });
    for (const second of realFolders(`/usr/${first}`)) mkdirSync(path.join(usr, first, second), { recursive: true });
  }
  for (const name of ['chown', 'chgrp', 'tar']) await makeTolerant(usr, name);
}

function realFolders(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch {
    return [];
  }
}

const ownerShim = (real: string) => `#!/bin/sh
# only one user exists in this sandbox: a change to another owner is accepted and means nothing
words=$(LC_ALL=C ${real} "$@" 2>&1) && { [ -z "$words" ] || printf '%s\\n' "$words"; exit 0; }
code=$?
rest=$(printf '%s\\n' "$words" | grep -v -e 'Invalid argument$' -e 'Operation not permitted$')
[ -z "$rest" ] && exit 0
printf '%s\\n' "$rest" >&2
exit $code
`;
const tarShim = (real: string) => `#!/bin/sh
# only one user exists in this sandbox: owners in an archive mean nothing
TAR_OPTIONS="--no-same-owner $TAR_OPTIONS"
export TAR_OPTIONS
exec ${real} "$@"
`;

async function makeTolerant(usr: string, name: string): Promise<void> {
  const found = ['/usr/bin', '/bin'].map((folder) => path.join(folder, name)).find((file) => existsSync(file));
  if (found === undefined) return;
  const real = `/usr/libexec/devspace/${name}`;
  await copyFile(found, path.join(usr, 'libexec/devspace', name));
  const shim = path.join(usr, 'bin', name);
  await mkdir(path.dirname(shim), { recursive: true });
  await writeFile(`${shim}.new`, (name === 'tar' ? tarShim : ownerShim)(real), { mode: 0o755 });
  await rename(`${shim}.new`, shim);
}

/** A Node.js that is not under `/usr` (a version manager's, say) is bound to `/usr/local/bin/node`, with its npm. */
async function bringNode(usr: string, nodePath: string): Promise<{ source: string; target: string }[]> {
  if (nodePath.startsWith('/usr/')) return [];
  await writeFile(path.join(usr, 'local/bin/node'), '');
  const binds = [{ source: nodePath, target: '/usr/local/bin/node' }];
  const modules = path.resolve(nodePath, '../../lib/node_modules');
  for (const [name, file] of [
    ['npm', 'npm/bin/npm-cli.js'],
    ['npx', 'npm/bin/npx-cli.js'],
    ['corepack', 'corepack/dist/corepack.js'],
  ] as const) {
    if (!existsSync(path.join(modules, file))) continue;
    await symlink(`../lib/node_modules/${file}`, path.join(usr, 'local/bin', name));
    const target = path.join('local/lib/node_modules', file.split('/')[0] ?? '');
    await mkdir(path.join(usr, target), { recursive: true });
    if (!binds.some((bind) => bind.target === `/usr/${target}`)) {
      binds.push({ source: path.dirname(path.dirname(path.join(modules, file))), target: `/usr/${target}` });
    }
  }
  return binds;
}
