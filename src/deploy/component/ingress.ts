import { UserError } from '../../core/errors.ts';
import type { KubeObject } from '../../kube/objects.ts';
import type { Component } from './component.ts';
import { serviceName } from './services.ts';
import { mapAt, mapsAt, pick, textAt, textsAt, type Values } from './values.ts';

/** The Ingress of a component that has rules for one. Throws `DEPLOY_MANIFEST` for a rule without a port. */
export function toIngress(component: Component): KubeObject[] {
  const { name, values, labels } = component;
  const ingress = mapAt(values, 'ingress');
  const rules = mapsAt(ingress, 'rules');
  if (rules.length === 0) return [];
  const issuer = textAt(ingress, 'tlsClusterIssuer');
  const controller = textAt(ingress, 'ingressClass');
  const annotations = {
    ...textsAt(ingress, 'annotations'),
    ...(issuer === undefined ? {} : { 'cert-manager.io/cluster-issuer': issuer }),
    ...(controller === undefined ? {} : { 'kubernetes.io/ingress.class': controller }),
  };
  const tls = toTls(ingress, rules);
  return [
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: {
        name: textAt(ingress, 'name') ?? name,
        labels: { ...textsAt(ingress, 'labels'), ...labels },
        ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
      },
      spec: {
        ...pick(ingress, 'ingressClassName'),
        ...(ingress['backend'] === undefined ? {} : { defaultBackend: ingress['backend'] }),
        rules: [...groupByHost(rules)].map(([host, entries]) => ({
          ...(host === '' ? {} : { host }),
          http: { paths: entries.map((rule) => toPath(rule, component)) },
        })),
        ...(tls.length > 0 ? { tls } : {}),
      },
    },
  ];
}

function groupByHost(rules: readonly Values[]): Map<string, Values[]> {
  const hosts = new Map<string, Values[]>();
  for (const rule of rules) {
    const host = textAt(rule, 'host') ?? '';
    hosts.set(host, [...(hosts.get(host) ?? []), rule]);
  }
  return hosts;
}

function toPath(rule: Values, { name, values }: Component): Record<string, unknown> {
  const [first] = mapsAt(mapAt(values, 'service'), 'ports');
  const port = textAt(rule, 'servicePort') ?? (first && textAt(first, 'port'));
  if (port === undefined) {
    throw new UserError('DEPLOY_MANIFEST', `Component ${name}: a rule of the ingress has no port.`, {
      hint: 'Set `servicePort` at the rule, or give the component a `service` with a port.',
    });
  }
  return {
    path: textAt(rule, 'path') ?? '/',
    pathType: textAt(rule, 'pathType') ?? 'Prefix',
    backend: {
      service: { name: textAt(rule, 'serviceName') ?? serviceName(name, values), port: { number: Number(port) } },
    },
  };
}

/** `tls` is the name of a Secret, or `true` for one that is named after the host. */
function toTls(ingress: Values, rules: readonly Values[]): Record<string, unknown>[] {
  const whole = textAt(ingress, 'tls');
  return rules.flatMap((rule) => {
    const host = textAt(rule, 'host');
    const wanted = textAt(rule, 'tls') ?? whole;
    if (host === undefined || wanted === undefined || wanted === 'false') return [];
    return [{ hosts: [host], secretName: wanted === 'true' ? `tls-${host.replaceAll('.', '-')}` : wanted }];
  });
}
