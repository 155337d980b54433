import { isComponentChart } from '../../component-chart.ts';
import type { Finding, KeyPath } from '../../finding.ts';
import { safeName } from '../../versions/names.ts';
import { checkSchema } from '../check.ts';
import { component } from '../v2beta1/component.ts';
import type { Model } from '../v2beta1.ts';
import { isBlank, missing, unsafeNames, wrongKey } from './findings.ts';

type Deployment = NonNullable<Model['deployments']>[string];
type Kubectl = NonNullable<Deployment['kubectl']>;

/** Each deployment has exactly one engine, and that one knows what to deploy. */
export function checkDeployments(model: Model): Finding[] {
  return [
    ...unsafeNames('deployments', model.deployments, safeName),
    ...Object.entries(model.deployments ?? {}).flatMap(([name, deployment]) =>
      checkDeployment(['deployments', name], deployment),
    ),
  ];
}

function checkDeployment(path: KeyPath, { helm, kubectl }: Deployment): Finding[] {
  if (!helm && !kubectl) {
    return [wrongKey(path, 'this deployment does not say how it is deployed', 'one of helm, kubectl')];
  }
  if (helm && kubectl) return [wrongKey(path, '`helm` and `kubectl` exclude each other', 'one of helm, kubectl')];
  if (kubectl) return checkKubectl([...path, 'kubectl'], kubectl);
  return helm && isComponentChart(helm.chart) ? checkComponent([...path, 'helm', 'values'], helm.values ?? {}) : [];
}

function checkKubectl(path: KeyPath, { manifests, inlineManifest, patches = [] }: Kubectl): Finding[] {
  const findings: Finding[] = [];
  if (manifests === undefined && isBlank(inlineManifest)) findings.push(missing(path, 'manifests'));
  if (manifests !== undefined && !isBlank(inlineManifest)) {
    findings.push(wrongKey(path, '`manifests` and `inlineManifest` exclude each other'));
  }
  for (const [index, patch] of patches.entries()) {
    const at = [...path, 'patches', index];
    if (isBlank(patch.target?.name)) findings.push(missing([...at, 'target'], 'name'));
    if (isBlank(patch.op)) findings.push(missing(at, 'op'));
    if (isBlank(patch.path)) findings.push(missing(at, 'path'));
    if (patch.op !== 'remove' && (patch.value === undefined || patch.value === null))
      findings.push(missing(at, 'value'));
  }
  return findings;
}

/** The component chart ignores values that it does not know, so that these are warnings. */
function checkComponent(path: KeyPath, values: Record<string, unknown>): Finding[] {
  return checkSchema(component, values).map((finding) => ({
    ...finding,
    severity: 'warning',
    path: [...path, ...finding.path],
    message: `${finding.message} in the values of the component chart`,
  }));
}
