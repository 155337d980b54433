import { randomBytes } from 'node:crypto';
import type { ImageConfig, KanikoBuild } from '../../config/types.ts';
import { withDeadline } from '../../core/abort.ts';
import { errorText, UserError } from '../../core/errors.ts';
import { plainText } from '../../core/redact.ts';
import type { KubeClient } from '../../kube/client.ts';
import { loginKey } from '../../kube/login-secret.ts';
import type { ObjectRef } from '../../kube/objects.ts';
import type { BuildRun, ImageOrder } from '../build-run.ts';
import type { PlannedImage } from '../plan-image.ts';
import { useCredentials } from '../registry-auth.ts';
import { planLoginSecret } from './plan-login.ts';
import { buildContainer, contextContainer, type KanikoRequest, planKanikoPod, podName } from './plan-pod.ts';
import { sendContext } from './send-context.ts';
import { type ClusterBuildRun, type ReachedStage, showLog, waitForStage } from './watch-build.ts';

/** A node may have to be started first, and images to be pulled. */
const startWithinMs = 20 * 60_000;
/** After a cancelled run, too, the cluster gets so long to take the pod away. */
const removeWithinMs = 4_000;
/** So long the last lines may be on their way. */
const lastLinesMs = 2_000;
const shownLines = 20;

export interface KanikoOrder extends Pick<ImageOrder, 'push'> {
  readonly kaniko: KanikoBuild;
  readonly kube: KubeClient;
}

/**
 * Builds and pushes the image in a pod of the cluster, which gets the context over an exec stream. However it ends, the pod
 * and the Secret with the login are deleted. Rejects with `BUILD_FAILED` or `PUSH_FAILED` and the last lines, or with
 * `BUILD_POD` if it never came to that.
 */
export async function buildWithKaniko(
  image: ImageConfig,
  { context, tags }: PlannedImage,
  { kaniko, kube, push }: KanikoOrder,
  run: BuildRun,
): Promise<void> {
  const { buildArgs, target } = image;
  const name = podName(kaniko, randomBytes(4).toString('hex'));
  const namespace = kaniko.namespace ?? kube.namespace;
  const place = { defaultNamespace: namespace, conflicts: 'fail', signal: run.signal } as const;
  const made: ObjectRef[] = [];
  try {
    const secret = kaniko.mountLogin ? await findLogin(image, { kaniko, name }, run) : undefined;
    if (secret && typeof secret !== 'string') {
      made.push({ apiVersion: 'v1', kind: 'Secret', name, namespace });
      await kube.apply(secret, place);
    }
    const login = secret ? { secret: typeof secret === 'string' ? secret : name, key: loginKey } : undefined;
    const { dockerfile } = context;
    const isPushed = push === 'push' && !image.skipPush;
    const request: KanikoRequest = {
      ...{ name, dockerfile, image: image.image, tags, buildArgs, target, login },
      push: isPushed ? 'push' : 'no push',
    };
    made.push({ apiVersion: 'v1', kind: 'Pod', name, namespace });
    await kube.apply(planKanikoPod(kaniko, request), place);
    await runInPod({ namespace, pod: name }, context, { ...run, kube });
    if (isPushed) run.log.done(`Built and pushed ${image.image}:${tags.join(', ')} in the cluster`);
    else run.log.done(`Built ${image.image} in the cluster; it is pushed nowhere`);
  } finally {
    run.log.status(undefined);
    for (const ref of made.reverse()) await remove(ref, { ...run, kube });
  }
}

/** The name of the Secret that the file names, or one to make; nothing if Docker has no login for the registry. */
async function findLogin(
  { image }: ImageConfig,
  { kaniko, name }: { readonly kaniko: KanikoBuild; readonly name: string },
  run: BuildRun,
) {
  if (kaniko.pullSecret !== undefined) return kaniko.pullSecret;
  const credentials = await useCredentials(image, run);
  return credentials && planLoginSecret(name, credentials);
}

interface PodPlace {
  readonly namespace: string;
  readonly pod: string;
}

async function runInPod(pod: PodPlace, context: PlannedImage['context'], run: ClusterBuildRun): Promise<void> {
  const started = waitForStage(pod, ({ kind }) => kind === 'wants context' || kind === 'builds', run);
  const stage = await withDeadline(started, startWithinMs, () => brokenError(pod, 'it did not start in time'));
  if (stage.kind === 'wants context') await sendContext(context, { ...pod, container: contextContainer }, run);
  const building = await waitForStage(pod, ({ kind }) => kind === 'builds', run);
  await checkEnd(building.kind === 'broken' ? building : await followBuild(pod, run), pod, run);
}

/** Shows what kaniko prints, all of it, until it has ended. */
async function followBuild(pod: PodPlace, run: ClusterBuildRun): Promise<ReachedStage> {
  const over = new AbortController();
  let isOver = false;
  const signal = AbortSignal.any([run.signal, over.signal]);
  const shown = showLog({ ...pod, container: buildContainer }, () => isOver, { ...run, signal });
  try {
    const stage = await waitForStage(pod, () => false, run);
    isOver = true;
    await withDeadline(shown, lastLinesMs, () => new Error('no end')).catch(() => {});
    return stage;
  } finally {
    over.abort();
    await shown;
  }
}

async function checkEnd(stage: ReachedStage, pod: PodPlace, run: ClusterBuildRun): Promise<void> {
  if (stage.kind === 'ended' && stage.exitCode === 0) return;
  if (stage.kind === 'broken') throw brokenError(pod, stage.text);
  const container = { ...pod, container: buildContainer };
  const options = { tailLines: shownLines, run: 'current', signal: run.signal } as const;
  const log = plainText(await run.kube.readLog(container, options).catch(() => '')).trimEnd();
  const code = stage.kind === 'ended' ? stage.exitCode : 1;
  const message = `kaniko in pod ${pod.namespace}/${pod.pod} ended with exit code ${code}:\n${log.replace(/^/gm, '  ')}`;
  const isPush = /error (checking push permission|pushing)|failed to push|UNAUTHORIZED/i.test(log);
  if (isPush) throw new UserError('PUSH_FAILED', message);
  throw new UserError('BUILD_FAILED', message, { hint: 'Correct what the last lines name.' });
}

function brokenError({ namespace, pod }: PodPlace, text: string): UserError {
  return new UserError('BUILD_POD', `The build pod ${namespace}/${pod} cannot build: ${text}`);
}

async function remove(ref: ObjectRef, { kube, log }: ClusterBuildRun): Promise<void> {
  try {
    await kube.delete(ref, AbortSignal.timeout(removeWithinMs));
  } catch (error) {
    log.warn(`${ref.kind} ${ref.name} in namespace ${ref.namespace} could not be deleted: ${errorText(error)}`);
  }
}
