import { UserError } from '../core/errors.ts';
import type { KubeClient } from '../kube/client.ts';
import { askConsent } from './ask-consent.ts';
import type { Project } from './project.ts';
import type { Run } from './tools.ts';

export interface ContextCheck {
  readonly context: string;
  /** The context that the project was used with before. */
  readonly before: string | undefined;
  /** A flag or the configuration names the context. */
  readonly isNamed: boolean;
  readonly isLocal: boolean;
  /** Patterns of contexts that are always meant, with `*` for any characters. */
  readonly allowed: readonly string[];
}

/**
 * Pure: whether somebody has to say that the context is meant. People switch the context of their kubeconfig for another
 * purpose and forget it; then the next command would change a cluster that nobody thought of (our reference,
 * `reliability.md`, fault K05).
 */
export function needsConsent({ context, before, isNamed, isLocal, allowed }: ContextCheck): boolean {
  if (before === undefined || before === context || isNamed || isLocal) return false;
  return !allowed.some((pattern) => toExpression(pattern).test(context));
}

const toExpression = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .split('*')
      .map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'))
      .join('.*')}$`,
  );

/**
 * The cluster of a project that is about to be changed. Asks if the context is another one than the last time, and
 * remembers it; without anybody to ask it is `CONTEXT_CHANGED`.
 */
export async function openCluster({ kubeChoice, state }: Project, run: Run): Promise<KubeClient> {
  const kube = await run.kube(kubeChoice);
  const { context, isLocal } = kube;
  const before = state.lastContext?.context;
  const allowed = (run.env['DEVSPACE_ALLOWED_CONTEXTS'] ?? '').split(/[\s,]+/).filter(Boolean);
  if (needsConsent({ context, before, isNamed: kubeChoice.context !== undefined, isLocal, allowed })) {
    await ask(`This project was used with the context ${before} before, now it is ${context}.`, context, run);
  }
  if (before !== context || state.lastContext?.namespace !== kube.namespace) {
    state.rememberContext({ context, namespace: kube.namespace });
    await state.save();
  }
  return kube;
}

async function ask(change: string, context: string, run: Run): Promise<void> {
  const answer = await askConsent({ name: 'context', text: `${change} Is that meant?` }, run);
  if (answer === 'yes') return;
  const message = answer === 'nobody' ? `${change} Nothing was changed.` : 'Nothing was changed.';
  throw new UserError('CONTEXT_CHANGED', message, {
    hint: `Say \`--kube-context ${context}\`, or allow it with \`DEVSPACE_ALLOWED_CONTEXTS=${context}\`.`,
  });
}
