import { type RootLayers, readInRoot } from './root-path.ts';
import { SandboxError } from './sandbox.ts';

export interface ContainerUser {
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

/** The user that `USER` or `runAsUser` names, looked up in the container's `/etc/passwd` as Docker does. */
export function findUser(root: RootLayers, user: string): ContainerUser {
  const [name = '', groupName] = user.split(':');
  const lines = (file: string) => (readInRoot(root, file) ?? '').split('\n').map((line) => line.split(':'));
  const wanted = name === '' ? '0' : name;
  const entry = lines('/etc/passwd').find((fields) => fields[0] === wanted || fields[2] === wanted);
  if (!entry && !/^\d+$/.test(wanted)) {
    throw new SandboxError('USER_NOT_FOUND', `unable to find user ${name}: no matching entries in passwd file`);
  }
  const gid = groupName === undefined ? entry?.[3] : findGroup(lines('/etc/group'), groupName);
  return { uid: Number(entry?.[2] ?? wanted), gid: Number(gid ?? 0), home: entry?.[5] || '/' };
}

function findGroup(groups: readonly string[][], name: string): string {
  if (/^\d+$/.test(name)) return name;
  const entry = groups.find((fields) => fields[0] === name);
  if (entry?.[2] !== undefined) return entry[2];
  throw new SandboxError('USER_NOT_FOUND', `unable to find group ${name}: no matching entries in group file`);
}
