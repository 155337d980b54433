import {
  asList,
  asObject,
  asText,
  at,
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
  without,
} from './objects.ts';

/** What version 1 has no field for is kept in these annotations. */
export const metricsAnnotation = 'autoscaling.alpha.kubernetes.io/metrics';
const behaviorAnnotation = 'autoscaling.alpha.kubernetes.io/behavior';

/** A HorizontalPodAutoscaler in the other one of its versions, as the real server converts it. */
export function convertAutoscaler(object: KubeObject, apiVersion: string): KubeObject {
  return { ...(apiVersion === 'autoscaling/v1' ? toFirst(object) : toSecond(object)), apiVersion };
}

function toFirst(object: KubeObject): KubeObject {
  const { metrics, behavior, ...spec } = asObject(object['spec']);
  const cpu = asList(metrics).find((metric) => utilization(metric) !== undefined);
  const others = asList(metrics).filter((metric) => metric !== cpu);
  return {
    ...object,
    metadata: withAnnotations(object, {
      ...(others.length > 0 ? { [metricsAnnotation]: JSON.stringify(others.map(toFirstMetric)) } : {}),
      ...(behavior === undefined ? {} : { [behaviorAnnotation]: JSON.stringify(renamed(behavior, 'toUpperCase')) }),
    }),
    spec: { ...spec, ...(cpu === undefined ? {} : { targetCPUUtilizationPercentage: utilization(cpu) }) },
  };
}

function toSecond(object: KubeObject): KubeObject {
  const { targetCPUUtilizationPercentage: percent, ...spec } = asObject(object['spec']);
  const behavior = parse(object.metadata.annotations?.[behaviorAnnotation]);
  const target = { type: 'Utilization', averageUtilization: percent };
  const metrics = [
    ...asList(parse(object.metadata.annotations?.[metricsAnnotation])).map(toSecondMetric),
    ...(percent === undefined ? [] : [{ type: 'Resource', resource: { name: 'cpu', target } }]),
  ];
  return {
    ...object,
    metadata: withAnnotations(object, {}),
    spec: { ...spec, metrics, ...(behavior === undefined ? {} : { behavior: renamed(behavior, 'toLowerCase') }) },
  };
}

function utilization(metric: Json): Json | undefined {
  if (at(metric, 'resource', 'name') !== 'cpu') return undefined;
  return at(metric, 'resource', 'target', 'averageUtilization');
}

function withAnnotations({ metadata }: KubeObject, more: Record<string, string>): KubeObject['metadata'] {
  const annotations = { ...without(metadata.annotations ?? {}, metricsAnnotation, behaviorAnnotation), ...more };
  return { ...without(metadata, 'annotations'), ...(Object.keys(annotations).length > 0 ? { annotations } : {}) };
}

/** What somebody wrote there by hand counts only if it is JSON. */
function parse(text: string | undefined): Json | undefined {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as Json);
  } catch {
    return undefined;
  }
}

/** The annotation has the names of the server's own types. */
function renamed(value: Json, to: 'toUpperCase' | 'toLowerCase'): Json {
  if (Array.isArray(value)) return value.map((item) => renamed(item, to));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [`${key.charAt(0)[to]()}${key.slice(1)}`, renamed(item ?? null, to)]),
  );
}

const utilizationAndAverage =
  'targetAverageUtilization=target.averageUtilization targetAverageValue=target.averageValue';
/** For each type of metric: a field of version 1, and where version 2 has it. */
const metricFields: Readonly<Record<string, string>> = {
  resource: `name=name ${utilizationAndAverage}`,
  containerResource: `name=name container=container ${utilizationAndAverage}`,
  pods: 'metricName=metric.name selector=metric.selector targetAverageValue=target.averageValue',
  object:
    'target=describedObject metricName=metric.name selector=metric.selector targetValue=target.value averageValue=target.averageValue',
  external:
    'metricName=metric.name metricSelector=metric.selector targetValue=target.value targetAverageValue=target.averageValue',
};

function metricPairs(metric: Json) {
  const type = asText(at(metric, 'type'));
  const key = `${type.charAt(0).toLowerCase()}${type.slice(1)}`;
  const pairs = (metricFields[key] ?? '').split(' ').map((pair): [string, string[]] => {
    const [first = '', second = ''] = pair.split('=');
    return [first, second.split('.')];
  });
  return { type, key, source: asObject(at(metric, key)), pairs };
}

function toFirstMetric(metric: Json): JsonObject {
  const { type, key, source, pairs } = metricPairs(metric);
  const fields = pairs.map(([first, second]) => [first, at(source, ...second)] as const);
  return { type, [key]: Object.fromEntries(fields.filter(([, value]) => value !== undefined)) };
}

const targetTypes = { averageUtilization: 'Utilization', averageValue: 'AverageValue', value: 'Value' };

function toSecondMetric(metric: Json): JsonObject {
  const { type, key, source, pairs } = metricPairs(metric);
  const converted: JsonObject = {};
  for (const [first, [outer = '', inner]] of pairs) {
    const value = source[first];
    if (value === undefined) continue;
    if (inner === undefined) converted[outer] = value;
    else converted[outer] = { ...asObject(converted[outer]), [inner]: value };
  }
  const target = asObject(converted['target']);
  const [, targetType = ''] = Object.entries(targetTypes).find(([field]) => target[field] !== undefined) ?? [];
  return { type, [key]: { ...converted, target: { type: targetType, ...target } } };
}
