import type { MachineBase } from './base.ts';
import type { Mount, TerminalSize } from './sandbox.ts';
import { shellWord, shellWords } from './shell-text.ts';

/** Where the pod's own root shows the state folder and this machine's /proc until the container's root is in place. */
const stateView = '/state';
const machineProc = '/machine-proc';

/**
 * Binds read-only. The flags repeat what the mount below may have, because a user namespace may only add to them.
 */
const bindReadOnly = `bind_ro() {
  mount --rbind "$1" "$2"
  for flags in ro,nosuid,nodev ro,nosuid,nodev,noexec; do
    mount -o "remount,bind,$flags" "$2" 2>/dev/null && return 0
  done
  echo "cannot make $2 read-only" >&2
  return 1
}`;

export interface HolderScript {
  readonly stateFolder: string;
  readonly hostname: string;
  readonly network: 'own' | 'host';
  readonly machineBinds: MachineBase['binds'];
}

/**
 * First process of a pod. It makes a root that holds nothing but this machine's programs (read-only), the state folder
 * and /proc; from this root the containers are made, so nothing else of the machine is in their reach at any moment.
 * Reports `pid N` and `ready` on descriptor 3, then waits until its standard input ends.
 */
export function toHolderScript(options: HolderScript): string {
  return `set -e
umask 022
exec 2>&3
${bindReadOnly}
tool() { "$@" 2>/dev/null || busybox "$@" 2>/dev/null; }
read -r pid rest </proc/self/stat
echo "pid $pid" >&3
tool hostname ${shellWord(options.hostname)} || :
${options.network === 'own' ? loopback : ''}
root=${shellWord(options.stateFolder)}/pod-root
mkdir -p "$root"
mount -t tmpfs -o mode=755 tmpfs "$root"
cd "$root"
mkdir usr proc dev etc state machine machine-proc container
for name in bin sbin lib lib32 lib64 libx32 nix gnu; do
  if [ -h "/$name" ]; then ln -s "$(readlink "/$name")" "$name"
  elif [ -d "/$name" ]; then mkdir "$name"; bind_ro "/$name" "$name"; fi
done
bind_ro /usr usr
${options.machineBinds.map((bind, index) => bindAsMachine(bind.source, index)).join('\n')}
mount --bind ${shellWord(options.stateFolder)} state
mount --rbind /proc machine-proc
mount --rbind /dev dev
mount -t proc proc proc
pivot_root . .
umount -l .
cd /
echo ready >&3
exec 3>&- 2>/dev/null
exec cat >/dev/null
`;
}

function bindAsMachine(source: string, index: number): string {
  const from = shellWord(source);
  return `if [ -d ${from} ]; then mkdir machine/${index}; else : >machine/${index}; fi; bind_ro ${from} machine/${index}`;
}

/** Programs in containers may listen on every port; without perl and ip there is no loopback, which the probe says. */
const loopback = `tool ip link set lo up || tool ifconfig lo up || perl -e '${loopbackByPerl()}' || { echo "the loopback interface needs ip, busybox, ifconfig or perl"; exit 1; }
echo 0 >/proc/sys/net/ipv4/ip_unprivileged_port_start || :`;

function loopbackByPerl(): string {
  // SIOCSIFFLAGS with IFF_UP | IFF_RUNNING
  return 'use Socket; socket(my $s, AF_INET, SOCK_DGRAM, 0) or exit 1; my $r = pack("Z16s", "lo", 0x41); ioctl($s, 0x8914, $r) or exit 1';
}

export interface ContainerScript {
  /** All paths are relative to the state folder. */
  readonly base: string;
  readonly usr: string;
  /** Lowest first. */
  readonly layers: readonly string[];
  /** Those that hold a folder `usr`. */
  readonly usrLayers: readonly string[];
  /** Folder with `root`, `usr`, `work`, `usr-work`: what the container writes. */
  readonly writable: string;
  readonly rootFilesystem: 'writable' | 'read-only';
  /** The script that `toProcessScript` made. */
  readonly processScript: string;
  /** Programs of this machine, bound read-only. */
  readonly machineBinds: MachineBase['binds'];
  /** Sources relative to the state folder, targets without symbolic links. */
  readonly mounts: readonly (Mount & { readonly kind: 'file' | 'folder' })[];
  /** Other root file systems, shown read-only (`COPY --from`): layers lowest first. */
  readonly roots: readonly {
    readonly layers: readonly string[];
    readonly usrLayers: readonly string[];
    readonly target: string;
  }[];
  /** Whether we are the real root, for whom the kernel's settings in /proc must be closed. */
  readonly outerUser: 'root' | 'ordinary';
}

/**
 * Process 1 of a container, before it becomes the container's program: mounts its root, takes away the view of the
 * state folder, then goes on in a user namespace of its own, in which none of these mounts can be undone.
 */
export function toContainerScript(options: ContainerScript): string {
  const { writable } = options;
  return `set -e
umask 022
exec 8>&2 2>&3
${bindReadOnly}
read -r pid rest <${machineProc}/self/stat
echo "pid $pid" >&3
cd ${stateView}
root=/container
mkdir -p ${['root', 'usr', 'work', 'usr-work', 'empty'].map((name) => shellWord(`${writable}/${name}`)).join(' ')}
${overlay('"$root"', [...options.layers].reverse().concat(options.base), `${writable}/root`, `${writable}/work`)}
${overlay('"$root/usr"', [...[...options.usrLayers].reverse(), options.usr].map((layer) => `${layer}/usr`).concat('/usr'), `${writable}/usr`, `${writable}/usr-work`)}
${options.machineBinds.map((bind, index) => `bind_ro /machine/${index} "$root"${shellWord(bind.target)}`).join('\n')}
mount -t proc proc "$root/proc"
${options.outerUser === 'root' ? closeProc : ''}
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for name in null zero full random urandom tty; do : >"$root/dev/$name"; mount --bind "/dev/$name" "$root/dev/$name"; done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
ln -s fd/0 "$root/dev/stdin"
ln -s fd/1 "$root/dev/stdout"
ln -s fd/2 "$root/dev/stderr"
${options.mounts.map(toMount).join('\n')}
${options.roots.map((entry) => toRoot(entry, options)).join('\n')}
${options.rootFilesystem === 'read-only' ? 'mount -o remount,bind,ro "$root"; mount -o remount,bind,ro "$root/usr"' : ''}
exec 9<${shellWord(options.processScript)}
cd /
umount -l ${machineProc} ${stateView} /dev
exec unshare -U --map-root-user -m sh -c 'set -e; mount --rbind /container /container; cd /container; pivot_root . .; umount -l . || :; cd /; . /proc/self/fd/9'
`;
}

const closeProc = `for name in sys sysrq-trigger irq bus fs; do
  [ ! -e "$root/proc/$name" ] || { mount --bind "$root/proc/$name" "$root/proc/$name"; mount -o remount,bind,ro "$root/proc/$name"; }
done`;

function overlay(target: string, lower: readonly string[], upper: string, work: string): string {
  const options = `userxattr,lowerdir=${lower.join(':')},upperdir=${upper},workdir=${work}`;
  return `mount -t overlay overlay -o ${shellWord(options)} ${target}`;
}

function toMount(mount: ContainerScript['mounts'][number]): string {
  const source = shellWord(mount.source);
  const target = `"$root"${shellWord(mount.target)}`;
  const parent = `"$root"${shellWord(mount.target.slice(0, mount.target.lastIndexOf('/')) || '/')}`;
  const make = mount.kind === 'folder' ? `mkdir -p ${target}` : `mkdir -p ${parent}; [ -e ${target} ] || : >${target}`;
  return `${make}; ${mount.readOnly ? `bind_ro ${source} ${target}` : `mount --rbind ${source} ${target}`}`;
}

function toRoot(entry: ContainerScript['roots'][number], options: ContainerScript): string {
  const target = `"$root"${shellWord(entry.target)}`;
  const lower = [...entry.layers].reverse().concat(options.base);
  const usr = [...[...entry.usrLayers].reverse(), options.usr].map((layer) => `${layer}/usr`).concat('/usr');
  return `mkdir -p ${target}
mount -t overlay overlay -o ${shellWord(`userxattr,ro,lowerdir=${lower.join(':')}:${options.writable}/empty`)} ${target}
mount -t overlay overlay -o ${shellWord(`userxattr,ro,lowerdir=${usr.join(':')}`)} ${target}/usr`;
}

export interface ProcessScript {
  readonly argv: readonly string[];
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly workingDir: string;
  /** The user that the process sees itself as. */
  readonly uid: number;
  readonly gid: number;
  readonly tty?: TerminalSize | undefined;
  /** A container is in its user namespace as root and changes the user; an exec joins the one that is there. */
  readonly enters: 'new-user' | 'same-user';
}

/**
 * The last step inside the root of the container: checks that the program exists, reports `ready` (and `tty NAME`) or
 * `missing`/`denied` on descriptor 3 and becomes the program.
 */
export function toProcessScript(options: ProcessScript): string {
  const [program = ''] = options.argv;
  const env = Object.entries(options.env).map(([name, value]) => `${name}=${value}`);
  const run = `exec /usr/bin/env -i ${shellWords([...env, ...options.argv])}`;
  const changesUser = options.enters === 'new-user' && options.uid + options.gid !== 0;
  const spaces = `unshare -U --map-user=${options.uid} --map-group=${options.gid}`;
  // before anything is reported: an exec joins the namespace that the process is in by then
  const enter = changesUser
    ? `if [ -z "$AS_USER" ]; then AS_USER=1; export AS_USER; exec ${spaces} sh -c '. /proc/self/fd/9'; fi\n`
    : '';
  const size = options.tty && `stty rows ${Math.trunc(options.tty.rows)} cols ${Math.trunc(options.tty.columns)}`;
  // the script of util-linux makes the terminal and reads this file again inside it, so that no value is an argument
  const terminal = size
    ? `if [ -n "$IN_TERMINAL" ]; then ${size}; echo "tty $(tty)" >&3; echo ready >&3; exec 3>&- 9<&-; ${run}; fi\n`
    : '';
  const report = options.enters === 'same-user' ? 'umask 022; exec 8>&2 2>&3\n' : '';
  return `${terminal}${enter}${report}[ -d ${shellWord(options.workingDir)} ] || mkdir -p ${shellWord(options.workingDir)} || :
cd ${shellWord(options.workingDir)} || exit 126
PATH=${shellWord(options.env.PATH ?? '')}
${checkProgram(program)}
PATH=/usr/sbin:/usr/bin:/sbin:/bin
exec 2>&8 8>&-
unset OLDPWD
${
  options.tty
    ? `SHELL=/bin/sh IN_TERMINAL=1; export SHELL IN_TERMINAL\nexec script -qefc '. /proc/self/fd/9' /dev/null`
    : `echo ready >&3\nexec 3>&- 9<&-\n${run}`
}
`;
}

function checkProgram(program: string): string {
  const word = shellWord(program);
  if (!program.includes('/')) return `command -v -- ${word} >/dev/null 2>&1 || { echo missing >&3; exit 127; }`;
  return `[ -e ${word} ] || { echo missing >&3; exit 127; }
{ [ -f ${word} ] && [ -x ${word} ]; } || { echo denied >&3; exit 126; }`;
}
