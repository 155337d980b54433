import { asList, asObject, asText, at, type Json, type KubeObject } from './objects.ts';
import { badRequest } from './status.ts';

export type Matcher = (object: KubeObject) => boolean;

/** A label selector in the form of the query: `a=b,c!=d,e in (f,g),!h,i`. */
export function labelSelector(text: string): Matcher {
  const tests = splitOutside(text).map(labelTest);
  return ({ metadata }) => tests.every((test) => test(metadata.labels ?? {}));
}

type LabelTest = (labels: Record<string, string>) => boolean;

function splitOutside(text: string): string[] {
  return text.trim() === '' ? [] : text.split(/,(?![^(]*\))/).map((part) => part.trim());
}

function labelTest(text: string): LabelTest {
  if (text === '') throw badRequest("found ',', expected: identifier after ','");
  const set = /^(\S+)\s+(in|notin)\s*\(([^)]*)\)$/.exec(text);
  if (set) {
    const [, key = '', operator, list = ''] = set;
    const values = list.split(',').map((value) => value.trim());
    return requirement(key, operator === 'in' ? 'In' : 'NotIn', values);
  }
  const equal = /^([^\s=!]+)\s*(==|=|!=)\s*([^\s=!]*)$/.exec(text);
  if (equal) {
    const [, key = '', operator, value = ''] = equal;
    return requirement(key, operator === '!=' ? 'NotIn' : 'In', [value]);
  }
  const exists = /^(!?)\s*([^\s=!()]+)$/.exec(text);
  if (exists) return requirement(exists[2] ?? '', exists[1] === '!' ? 'DoesNotExist' : 'Exists', []);
  throw badRequest(`unable to parse requirement: found '${text}', expected: a label selector`);
}

function requirement(key: string, operator: string, values: readonly string[]): LabelTest {
  return (labels) => {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
    if (operator === 'In') return value !== undefined && values.includes(value);
    if (operator === 'NotIn') return value === undefined || !values.includes(value);
    return (operator === 'Exists') === (value !== undefined);
  };
}

/** A `LabelSelector` object. An empty one matches everything, a missing one nothing. */
export function matchesSelector(selector: Json | undefined, labels: Record<string, string> | undefined): boolean {
  if (selector === undefined || selector === null) return false;
  const { matchLabels, matchExpressions } = asObject(selector);
  const exact = Object.entries(asObject(matchLabels)).map(([key, value]) => requirement(key, 'In', [asText(value)]));
  const expressions = asList(matchExpressions).map((item) => {
    const { key, operator, values } = asObject(item);
    return requirement(asText(key), asText(operator), asList(values).map(asText));
  });
  return [...exact, ...expressions].every((test) => test(labels ?? {}));
}

/** The fields of each kind that the real API server lets one select by, besides name and namespace. */
const selectable: Readonly<Record<string, readonly string[]>> = {
  Pod: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'status.phase',
    'status.podIP',
  ],
  Event: [
    ...['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'].map(
      (f) => `involvedObject.${f}`,
    ),
    ...['reason', 'reportingComponent', 'source', 'type'],
  ],
  Secret: ['type'],
  Namespace: ['status.phase'],
  Node: ['spec.unschedulable'],
  Service: ['spec.clusterIP', 'spec.type'],
  Job: ['status.successful'],
};

/** A field selector: `metadata.name=x,status.phase!=Running`; a field that cannot be selected is refused. */
export function fieldSelector(text: string, kind: string): Matcher {
  const tests = splitOutside(text).map((part) => {
    const match = /^([^=!]+)(==|=|!=)(.*)$/.exec(part);
    if (!match) throw badRequest(`invalid selector: '${text}'; can't understand '${part}'`);
    const [, field = '', operator, value = ''] = match;
    if (field !== 'metadata.name' && field !== 'metadata.namespace' && !selectable[kind]?.includes(field)) {
      throw badRequest(`field label not supported: ${field}`);
    }
    return (object: KubeObject) => (fieldText(object, field) === value) === (operator !== '!=');
  });
  return (object) => tests.every((test) => test(object));
}

function fieldText(object: KubeObject, field: string): string {
  const value = at(object, ...field.split('.'));
  if (field === 'source') return asText(at(object, 'source', 'component'));
  return value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value);
}
