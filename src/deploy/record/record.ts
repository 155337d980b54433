import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { type ProcessIdentity, thisProcess } from '../../core/process-identity.ts';
import { isForbidden, noneIfForbidden } from '../../kube/errors.ts';
import type { KubeObject, ObjectRef } from '../../kube/objects.ts';
import type { DeployRun } from '../deploy-run.ts';

/** Which deployment of which project, and where. */
export interface RecordId {
  readonly project: string;
  readonly deployment: string;
  readonly namespace: string;
}

/** What the cluster remembers about a deployment, so that every machine knows what is there. */
export interface DeploymentRecord {
  /** Of everything that was deployed; absent: a run began to deploy and has not come to its end. */
  readonly hash?: string;
  /** For charts. */
  readonly release?: string;
  /** Of the release. */
  readonly revision?: number;
  readonly objects: readonly RecordedObject[];
  /** What left the manifests and is still to be deleted. */
  readonly stale: readonly ObjectRef[];
  /** The process that wrote it. */
  readonly by: ProcessIdentity & { readonly host: string };
}

export interface RecordedObject extends ObjectRef {
  /** Of the names of the fields that were ours after it was applied. */
  readonly owned?: string;
}

/** Objects that a deployment applied carry this label; whatever lacks it is none of ours. */
export const deploymentLabel = 'devspace.sh/deployment';
const dataKey = 'record.json';

/** The value of the label: it says which deployment an object belongs to. */
export const labelOf = ({ project, deployment }: Omit<RecordId, 'namespace'>): string =>
  labelValue(`${project}.${deployment}`);

/** A text as the value of a label: at most 63 letters, digits and `-_.`. */
export function labelValue(text: string): string {
  const plain = text.replace(/[^\w.-]/g, '-').replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');
  return plain.length <= 63 ? plain : `${plain.slice(0, 54)}-${hashOf(text).slice(0, 8)}`;
}

/** A hash of data whose keys come in a steady order. */
export const hashOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');

const recordLabel = 'devspace.sh/record';

const recordRef = ({ project, deployment, namespace }: RecordId) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  name: `devspace.deployment.${labelValue(project).toLowerCase()}.${labelValue(deployment).toLowerCase()}`,
  namespace,
});

/** What is remembered; `undefined` for nothing, for what cannot be understood, and for roles that may not see it. */
export async function readRecord(id: RecordId, { kube, signal }: DeployRun): Promise<DeploymentRecord | undefined> {
  let stored: KubeObject | undefined;
  try {
    stored = await kube.read(recordRef(id), signal);
  } catch (error) {
    if (isForbidden(error)) return undefined;
    throw error;
  }
  return stored && parseStored(stored);
}

function parseStored(stored: KubeObject): DeploymentRecord | undefined {
  const text = (stored['data'] as Readonly<Record<string, string>> | undefined)?.[dataKey];
  if (text === undefined) return undefined;
  try {
    const record = JSON.parse(text) as Partial<DeploymentRecord> | null;
    const { objects, stale, by } = record ?? {};
    if (!Array.isArray(objects) || !Array.isArray(stale) || by === undefined) return undefined;
    return record as DeploymentRecord;
  } catch {
    return undefined;
  }
}

/** Remembers it. A role that may not is told what that means. */
export async function writeRecord(
  id: RecordId,
  record: Omit<DeploymentRecord, 'by'>,
  { kube, log, signal }: DeployRun,
): Promise<DeploymentRecord> {
  const by = { ...thisProcess(), host: hostname() };
  const { apiVersion, kind, name, namespace } = recordRef(id);
  const labels = { [deploymentLabel]: labelOf(id), [recordLabel]: 'deployment' };
  const data = { [dataKey]: JSON.stringify({ project: id.project, deployment: id.deployment, ...record, by }) };
  try {
    const object = { apiVersion, kind, metadata: { name, namespace, labels }, data };
    await kube.apply(object, { defaultNamespace: namespace, conflicts: 'take', signal });
  } catch (error) {
    if (!isForbidden(error)) throw error;
    log.warn(`Your account may not write ${kind}s, so ${id.deployment} is deployed anew each time and not tidied up`);
  }
  return { ...record, by };
}

/** Everything that is remembered about deployments of the project in the namespace. */
export async function listRecords(
  { project, namespace }: Omit<RecordId, 'deployment'>,
  { kube, signal }: Pick<DeployRun, 'kube' | 'signal'>,
): Promise<{ readonly deployment: string; readonly record: DeploymentRecord }[]> {
  const query = { apiVersion: 'v1', kind: 'ConfigMap', namespace, labelSelector: `${recordLabel}=deployment` };
  const stored = await kube.list(query, signal).catch(noneIfForbidden);
  return stored.flatMap((object) => {
    const record = parseStored(object) as (DeploymentRecord & Partial<RecordId>) | undefined;
    if (record?.project !== project || record.deployment === undefined) return [];
    return [{ deployment: record.deployment, record }];
  });
}

export async function forgetRecord(id: RecordId, { kube, signal }: DeployRun): Promise<void> {
  try {
    await kube.delete(recordRef(id), signal);
  } catch (error) {
    if (!isForbidden(error)) throw error;
  }
}
