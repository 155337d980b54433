import type { Finding, KeyPath } from '../../finding.ts';
import type { Model } from '../v2beta1.ts';
import { hasEntries, isBlank, missing, wrongKey } from './findings.ts';

type Hook = NonNullable<Model['hooks']>[number];

/** Each hook has its events, does exactly one thing, and knows the container for it. */
export function checkHooks(model: Model): Finding[] {
  return (model.hooks ?? []).flatMap((hook, index) => checkHook(['hooks', index], hook));
}

const inContainer = ['upload', 'download', 'logs', 'wait'] as const;

function checkHook(path: KeyPath, hook: Hook): Finding[] {
  const findings: Finding[] = [];
  if ((hook.events ?? []).length === 0) findings.push(missing(path, 'events'));
  const containerAction = inContainer.find((key) => hook[key] !== undefined);
  const actions = inContainer.filter((key) => hook[key] !== undefined).length + (isBlank(hook.command) ? 0 : 1);
  const allowed = 'one of command, upload, download, logs, wait';
  if (actions === 0) findings.push(wrongKey(path, 'this hook does nothing', allowed));
  if (actions > 1) findings.push(wrongKey(path, 'this hook does several things', allowed));
  if (containerAction && !hook.container) findings.push(missing(path, 'container'));
  if (hook.wait && !hook.wait.running && hook.wait.terminatedWithCode === undefined) {
    findings.push(wrongKey([...path, 'wait'], 'this waits for nothing', 'one of running, terminatedWithCode'));
  }
  return hook.container ? [...findings, ...checkContainer([...path, 'container'], hook.container)] : findings;
}

function checkContainer(path: KeyPath, container: NonNullable<Hook['container']>): Finding[] {
  const byLabels = hasEntries(container.labelSelector);
  if (!isBlank(container.containerName) && !byLabels) return [missing(path, 'labelSelector')];
  if (byLabels || !isBlank(container.imageSelector)) return [];
  return [wrongKey(path, 'this does not say which pod is meant', 'one of labelSelector, imageSelector')];
}
