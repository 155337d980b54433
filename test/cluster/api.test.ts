import { beforeAll, describe, expect, test } from 'vitest';
import { waitFor } from '../helpers/wait-for.ts';
import { kubeconfigOfAccount, tokenOf } from './support/account.ts';
import { type ApiBody, type ApiRequest, askApi } from './support/api.ts';
import { useNamespace } from './support/namespace.ts';

const namespace = useNamespace();
const core = `/api/v1/namespaces/${namespace.name}`;
const configMaps = `${core}/configmaps`;
const deployments = `/apis/apps/v1/namespaces/${namespace.name}/deployments`;
const mergePatch = 'application/merge-patch+json';
const strategicPatch = 'application/strategic-merge-patch+json';
const applyPatch = 'application/apply-patch+yaml';
const yaml = 'application/yaml';

const map = (name: string, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data: { k: 'v' },
  ...more,
});
const template = (container: object = { name: 'c', image: 'busybox:1' }) => ({
  metadata: { labels: { app: 'web' } },
  spec: { containers: [container] },
});
const deployment = (name: string, spec: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: { replicas: 0, selector: { matchLabels: { app: 'web' } }, template: template(), ...spec },
});
const pod = (name: string, ...containers: object[]) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: { terminationGracePeriodSeconds: 0, containers },
});
const service = (name: string, spec: object) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name }, spec });
const sleeping = { name: 'c', image: 'busybox:1', command: ['sleep', '1000'] };

const create = (path: string, body: object | string, contentType = 'application/json') =>
  askApi(path, { method: 'POST', body, contentType });
const patch = (path: string, body: object | string, contentType: string) =>
  askApi(path, { method: 'PATCH', body, contentType });

beforeAll(async () => {
  await waitFor(async () => expect((await askApi(`${core}/serviceaccounts/default`)).code).toBe(200), 60);
  await create(configMaps, map('one'));
  await create(configMaps, map('fixed', { immutable: true }));
  await create(deployments, deployment('web'));
  await create(`${core}/secrets`, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, type: 'Opaque' });
  await create(`${core}/services`, service('web', { ports: [{ port: 80 }] }));
  await patch(`${configMaps}/applied?fieldManager=one`, map('applied'), applyPatch);
  expect((await create(`${core}/pods`, pod('sleeper', sleeping))).code).toBe(201);
});

interface Refusal {
  readonly code: number | readonly number[];
  readonly reason?: string;
  readonly message?: RegExp;
  readonly details?: ApiBody['details'];
}

const notFound = (name: string, kind = 'configmaps', group?: string): Refusal => ({
  code: 404,
  reason: 'NotFound',
  message: new RegExp(`^${kind}${group ? `.${group}` : ''} "${name}" not found$`),
  details: { name, kind, ...(group ? { group } : {}) },
});
const badRequest = (message: RegExp): Refusal => ({ code: 400, reason: 'BadRequest', message });
const noMethod: Refusal = {
  code: 405,
  reason: 'MethodNotAllowed',
  message: /^the server does not allow this method on the requested resource$/,
};
const noMedia: Refusal = { code: 415, reason: 'UnsupportedMediaType' };
const invalid = (name: string, kind: string, field: string, reason: string): Refusal => {
  const [, bare = '', group] = /^(\w+)(?:\.(.*))?$/.exec(kind) ?? [];
  const causes = expect.arrayContaining([expect.objectContaining({ field, reason })]) as never;
  return {
    code: 422,
    reason: 'Invalid',
    message: new RegExp(`^${kind} "${name}" is invalid: `),
    details: { ...(name === '' ? {} : { name }), kind: bare, ...(group ? { group } : {}), causes },
  };
};

/** Nothing but the patch is to blame. */
const invalidPatch = (message: RegExp): Refusal => ({
  code: 422,
  reason: 'Invalid',
  message: new RegExp(`^ "" is invalid: patch: Invalid value: .*${message.source}`),
  details: { causes: [expect.objectContaining({ field: 'patch', reason: 'FieldValueInvalid' })] as never },
});

const post = (body: ApiRequest['body'], contentType?: string): ApiRequest => ({
  method: 'POST',
  ...(body === undefined ? {} : { body }),
  ...(contentType ? { contentType } : {}),
});
const put = (body: object): ApiRequest => ({ method: 'PUT', body });
const patching = (body: object | string, contentType: string): ApiRequest => ({ method: 'PATCH', body, contentType });
const deleting = (body?: object): ApiRequest => ({ method: 'DELETE', ...(body ? { body } : {}) });

/** What `continue` holds, as a server encodes it. */
const tokenOfList = (token: object) =>
  Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', ...token })).toString('base64url');

const unrecognized = /^the object provided is unrecognized \(must be of type ConfigMap\): /;
const cases: readonly (readonly [string, string, ApiRequest, Refusal])[] = [
  ['JSON that ends early', configMaps, post('{"a":'), badRequest(unrecognized)],
  ['JSON with a mistake', configMaps, post('{bad'), badRequest(unrecognized)],
  ['a text that is no JSON', configMaps, post('hello'), badRequest(unrecognized)],
  ['nothing', configMaps, post(undefined), badRequest(/unexpected end of JSON input/)],
  ['a list', configMaps, post('[]'), badRequest(/cannot unmarshal array into Go value/)],
  ['a number', configMaps, post('7'), badRequest(/cannot unmarshal number into Go value/)],
  ['null', configMaps, post('null'), invalid('', 'ConfigMap', 'metadata.name', 'FieldValueRequired')],
  ['YAML with a mistake', configMaps, post('a: [', yaml), badRequest(/yaml: line 1: /)],
  ['YAML that is a list', configMaps, post('- 1\n', yaml), badRequest(/cannot unmarshal array into Go value/)],
  [
    'a patch that is no JSON',
    `${configMaps}/one`,
    patching('{bad', strategicPatch),
    { code: 400, reason: 'BadRequest' },
  ],
  [
    'a patch that makes a list of it',
    `${configMaps}/one`,
    patching('[]', mergePatch),
    invalidPatch(/cannot unmarshal array into Go value/),
  ],
  ['a patch of a wrong type', `${configMaps}/one`, patching({ data: { k: 1 } }, mergePatch), invalidPatch(/.*/)],
  [
    'a strategic patch of a wrong type',
    `${deployments}/web`,
    patching({ spec: { template: { spec: { containers: 'x' } } } }, strategicPatch),
    invalidPatch(/.*/),
  ],
  [
    'a strategic patch with an unknown directive',
    `${deployments}/web`,
    patching({ spec: { template: { spec: { containers: [{ name: 'c', $patch: 'frob' }] } } } }, strategicPatch),
    { code: [400, 500], message: /^unknown patch type: / },
  ],
  [
    'applied YAML with a mistake',
    `${configMaps}/x?fieldManager=t`,
    patching('a: [', applyPatch),
    badRequest(/^error decoding YAML: /),
  ],

  [
    'a body of text',
    configMaps,
    post(map('x'), 'text/plain'),
    { ...noMedia, message: /application\/json, application\/yaml/ },
  ],
  ['a form', configMaps, post('a=b', 'application/x-www-form-urlencoded'), noMedia],
  ['a patch that is plain JSON', `${configMaps}/one`, patching({}, 'application/json'), noMedia],
  ['a patch of text for what is not there', `${configMaps}/none`, patching('x', 'text/plain'), noMedia],
  ['an answer in XML', `${configMaps}/one`, { accept: 'application/xml' }, { code: 406, reason: 'NotAcceptable' }],

  ['POST on an object', `${configMaps}/one`, post(map('one')), noMethod],
  ['PUT on a list', configMaps, put(map('one')), noMethod],
  ['PATCH on a list', configMaps, patching(map('one'), mergePatch), noMethod],
  ['OPTIONS', configMaps, { method: 'OPTIONS' }, noMethod],
  ['TRACE', configMaps, { method: 'TRACE' }, noMethod],
  ['DELETE of a log', `${core}/pods/sleeper/log`, deleting(), noMethod],
  ['POST on the version', '/version', post({}), noMethod],

  ['an object that is not there', `${configMaps}/none`, {}, notFound('none')],
  ['an object of a group that is not there', `${deployments}/none`, {}, notFound('none', 'deployments', 'apps')],
  ['deleting what is not there', `${configMaps}/none`, deleting(), notFound('none')],
  ['patching what is not there', `${configMaps}/none`, patching({}, mergePatch), notFound('none')],
  ['replacing what is not there', `${configMaps}/none`, put(map('none')), notFound('none')],
  ['the log of no pod', `${core}/pods/none/log`, {}, notFound('none', 'pods')],
  ['exec in no pod', `${core}/pods/none/exec?command=ls&stdout=1`, post(undefined), notFound('none', 'pods')],
  [
    'a namespace that is not there',
    '/api/v1/namespaces/no-such/configmaps',
    post(map('x')),
    notFound('no-such', 'namespaces'),
  ],
  [
    'an unknown resource',
    `${core}/nothing`,
    {},
    { code: 404, reason: 'NotFound', message: /^the server could not find the requested resource$/ },
  ],
  ['an unknown version', '/apis/apps/v9/deployments', {}, { code: 404, reason: 'NotFound' }],
  ['an unknown subresource', `${configMaps}/one/nothing`, {}, { code: 404, reason: 'NotFound' }],

  [
    'a name that is taken',
    configMaps,
    post(map('one')),
    {
      code: 409,
      reason: 'AlreadyExists',
      message: /^configmaps "one" already exists$/,
      details: { name: 'one', kind: 'configmaps' },
    },
  ],
  [
    'an old version',
    `${configMaps}/one`,
    put(map('one', { metadata: { name: 'one', resourceVersion: '1' } })),
    {
      code: 409,
      reason: 'Conflict',
      message: /^Operation cannot be fulfilled on configmaps "one": the object has been modified; /,
    },
  ],
  [
    'a patch of an old version',
    `${configMaps}/one`,
    patching({ metadata: { resourceVersion: '1' }, data: { z: '1' } }, mergePatch),
    { code: 409, reason: 'Conflict' },
  ],
  [
    'an old version of a deployment',
    `${deployments}/web`,
    put({ ...deployment('web'), metadata: { name: 'web', resourceVersion: '1' } }),
    {
      code: 409,
      reason: 'Conflict',
      message:
        /^Operation cannot be fulfilled on deployments.apps "web": the object has been modified; please apply your changes to the latest version and try again$/,
      details: { name: 'web', group: 'apps', kind: 'deployments' },
    },
  ],
  [
    'deleting an old version',
    `${configMaps}/one`,
    deleting({ preconditions: { resourceVersion: '1' } }),
    { code: 409, reason: 'Conflict', details: { name: 'one' } },
  ],
  [
    'another uid',
    `${configMaps}/one`,
    deleting({ preconditions: { uid: '11111111-1111-1111-1111-111111111111' } }),
    { code: 409, reason: 'Conflict' },
  ],
  [
    'fields of another manager',
    `${configMaps}/applied?fieldManager=two`,
    patching(map('applied', { data: { k: 'other' } }), applyPatch),
    {
      code: 409,
      reason: 'Conflict',
      message: /^Apply failed with 1 conflict: conflict with "one".*: \.data\.k$/,
      details: {
        causes: [
          {
            reason: 'FieldManagerConflict',
            message: expect.stringContaining('conflict with "one"') as string,
            field: '.data.k',
          },
        ],
      },
    },
  ],

  [
    'an unknown kind',
    configMaps,
    post({ ...map('x'), kind: 'Nothing' }),
    badRequest(
      /^Nothing in version "v1" cannot be handled as a ConfigMap: no kind "Nothing" is registered for version "v1" in scheme /,
    ),
  ],
  [
    'an unknown version of the kind',
    configMaps,
    post({ ...map('x'), apiVersion: 'v2' }),
    badRequest(/no kind "ConfigMap" is registered for version "v2"/),
  ],
  [
    'another kind',
    configMaps,
    post({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x' } }),
    badRequest(/cannot be handled as a ConfigMap/),
  ],
  [
    'another name than in the path',
    `${configMaps}/one`,
    put(map('two')),
    badRequest(/^the name of the object \(two\) does not match the name on the URL \(one\)$/),
  ],
  [
    'another namespace than in the path',
    configMaps,
    post(map('x', { metadata: { name: 'x', namespace: 'y' } })),
    badRequest(/^the namespace of the provided object does not match the namespace sent on the request$/),
  ],
  [
    'a text for a number',
    deployments,
    post(deployment('x', { replicas: 'two' })),
    badRequest(/^Deployment in version "v1" cannot be handled as a Deployment: /),
  ],
  [
    'a number for a text',
    configMaps,
    post(map('x', { data: { k: 1 } })),
    badRequest(/^ConfigMap in version "v1" cannot be handled as a ConfigMap: /),
  ],
  [
    'a quantity that is none',
    deployments,
    post(deployment('x', { template: template({ name: 'c', image: 'b', resources: { requests: { cpu: 'lots' } } }) })),
    badRequest(/quantities must match the regular expression/),
  ],
  [
    'base64 that is none',
    `${core}/secrets`,
    post({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x' }, data: { a: '***' } }),
    badRequest(/illegal base64 data/),
  ],

  ['no name', configMaps, post({ metadata: {} }), invalid('', 'ConfigMap', 'metadata.name', 'FieldValueRequired')],
  [
    'a name that is none',
    configMaps,
    post(map('A_B')),
    invalid('A_B', 'ConfigMap', 'metadata.name', 'FieldValueInvalid'),
  ],
  [
    'the name of a service',
    `${core}/services`,
    post(service('9x', { ports: [{ port: 80 }] })),
    invalid('9x', 'Service', 'metadata.name', 'FieldValueInvalid'),
  ],
  [
    'a label with a space',
    configMaps,
    post(map('x', { metadata: { name: 'x', labels: { a: 'b c' } } })),
    invalid('x', 'ConfigMap', 'metadata.labels', 'FieldValueInvalid'),
  ],
  [
    'a key with a slash',
    configMaps,
    post(map('x', { data: { 'a/b': '' } })),
    invalid('x', 'ConfigMap', 'data[a/b]', 'FieldValueInvalid'),
  ],
  [
    'no selector',
    deployments,
    post(deployment('x', { selector: undefined })),
    invalid('x', 'Deployment.apps', 'spec.selector', 'FieldValueRequired'),
  ],
  [
    'a selector that does not match',
    deployments,
    post(deployment('x', { selector: { matchLabels: { app: 'y' } } })),
    invalid('x', 'Deployment.apps', 'spec.template.metadata.labels', 'FieldValueInvalid'),
  ],
  [
    'no containers',
    deployments,
    post(deployment('x', { template: { metadata: { labels: { app: 'web' } }, spec: { containers: [] } } })),
    invalid('x', 'Deployment.apps', 'spec.template.spec.containers', 'FieldValueRequired'),
  ],
  [
    'no image',
    deployments,
    post(deployment('x', { template: template({ name: 'c' }) })),
    invalid('x', 'Deployment.apps', 'spec.template.spec.containers[0].image', 'FieldValueRequired'),
  ],
  [
    'fewer than no replicas',
    deployments,
    post(deployment('x', { replicas: -1 })),
    invalid('x', 'Deployment.apps', 'spec.replicas', 'FieldValueInvalid'),
  ],
  [
    'a port out of bounds',
    `${core}/services`,
    post(service('x', { ports: [{ port: 99_999 }] })),
    invalid('x', 'Service', 'spec.ports[0].port', 'FieldValueInvalid'),
  ],
  [
    'a service without ports',
    `${core}/services`,
    post(service('x', {})),
    invalid('x', 'Service', 'spec.ports', 'FieldValueRequired'),
  ],
  [
    'two containers of a name',
    `${core}/pods`,
    post(pod('x', sleeping, sleeping)),
    invalid('x', 'Pod', 'spec.containers[1].name', 'FieldValueDuplicate'),
  ],
  [
    'an unknown pull policy',
    `${core}/pods`,
    post(pod('x', { ...sleeping, imagePullPolicy: 'Perhaps' })),
    invalid('x', 'Pod', 'spec.containers[0].imagePullPolicy', 'FieldValueNotSupported'),
  ],
  [
    'a volume that is not there',
    `${core}/pods`,
    post(pod('x', { ...sleeping, volumeMounts: [{ name: 'v', mountPath: '/v' }] })),
    invalid('x', 'Pod', 'spec.containers[0].volumeMounts[0].name', 'FieldValueNotFound'),
  ],
  [
    'a selector that changes',
    `${deployments}/web`,
    patching(
      { spec: { selector: { matchLabels: { app: 'y' } }, template: { metadata: { labels: { app: 'y' } } } } },
      mergePatch,
    ),
    invalid('web', 'Deployment.apps', 'spec.selector', 'FieldValueInvalid'),
  ],
  [
    'a type that changes',
    `${core}/secrets/s`,
    patching({ type: 'x/y' }, mergePatch),
    invalid('s', 'Secret', 'type', 'FieldValueInvalid'),
  ],
  [
    'a name that changes',
    `${configMaps}/one`,
    patching({ metadata: { name: 'two' } }, mergePatch),
    badRequest(/^the name of the object \(two\) does not match the name on the URL \(one\)$/),
  ],
  [
    'a uid that changes',
    `${configMaps}/one`,
    patching({ metadata: { uid: 'another' } }, mergePatch),
    invalid('one', 'ConfigMap', 'metadata.uid', 'FieldValueInvalid'),
  ],
  [
    'data that may not change',
    `${configMaps}/fixed`,
    patching({ data: { k: 'other' } }, mergePatch),
    invalid('fixed', 'ConfigMap', 'data', 'FieldValueForbidden'),
  ],
  [
    'data that shall be changeable again',
    `${configMaps}/fixed`,
    patching({ immutable: false }, mergePatch),
    invalid('fixed', 'ConfigMap', 'immutable', 'FieldValueForbidden'),
  ],
  [
    'a namespace that stays',
    '/api/v1/namespaces/default',
    deleting(),
    {
      code: 403,
      reason: 'Forbidden',
      message: /^namespaces "default" is forbidden: this namespace may not be deleted$/,
      details: { name: 'default', kind: 'namespaces' },
    },
  ],
  [
    'an unknown restart policy',
    `${core}/pods`,
    post({ ...pod('x'), spec: { restartPolicy: 'Perhaps', containers: [sleeping] } }),
    invalid('x', 'Pod', 'spec.restartPolicy', 'FieldValueNotSupported'),
  ],
  [
    'a probe of nothing',
    `${core}/pods`,
    post(pod('x', { ...sleeping, livenessProbe: {} })),
    invalid('x', 'Pod', 'spec.containers[0].livenessProbe', 'FieldValueRequired'),
  ],
  [
    'two volumes at one path',
    `${core}/pods`,
    post({
      ...pod('x'),
      spec: {
        volumes: [{ name: 'v', emptyDir: {} }],
        containers: [{ ...sleeping, volumeMounts: ['a', 'a'].map((mountPath) => ({ name: 'v', mountPath })) }],
      },
    }),
    invalid('x', 'Pod', 'spec.containers[0].volumeMounts[1].mountPath', 'FieldValueInvalid'),
  ],
  [
    'an account that is not there',
    `${core}/pods`,
    post({ ...pod('x'), spec: { serviceAccountName: 'none', containers: [sleeping] } }),
    {
      code: 403,
      reason: 'Forbidden',
      message: /^pods "x" is forbidden: error looking up service account \S+\/none: serviceaccount "none" not found$/,
      details: { name: 'x', kind: 'pods' },
    },
  ],
  [
    'an unknown protocol',
    `${core}/services`,
    post(service('x', { ports: [{ port: 80, protocol: 'FOO' }] })),
    invalid('x', 'Service', 'spec.ports[0].protocol', 'FieldValueNotSupported'),
  ],
  [
    'two ports of a name',
    `${core}/services`,
    post(service('x', { ports: [80, 81].map((port) => ({ name: 'a', port })) })),
    invalid('x', 'Service', 'spec.ports[1].name', 'FieldValueDuplicate'),
  ],
  [
    'another name for nothing',
    `${core}/services`,
    post(service('x', { type: 'ExternalName' })),
    invalid('x', 'Service', 'spec.externalName', 'FieldValueRequired'),
  ],
  [
    'a claim of nothing',
    `${core}/persistentvolumeclaims`,
    post({ metadata: { name: 'x' }, spec: {} }),
    invalid('x', 'PersistentVolumeClaim', 'spec.accessModes', 'FieldValueRequired'),
  ],
  [
    'an annotation with a space',
    configMaps,
    post(map('x', { metadata: { name: 'x', annotations: { 'a b': 'c' } } })),
    invalid('x', 'ConfigMap', 'metadata.annotations', 'FieldValueInvalid'),
  ],
  [
    'a command that changes',
    `${core}/pods/sleeper`,
    patching({ spec: { containers: [{ name: 'c', command: ['true'] }] } }, strategicPatch),
    invalid('sleeper', 'Pod', 'spec', 'FieldValueForbidden'),
  ],
  [
    'an address that changes',
    `${core}/services/web`,
    patching({ spec: { clusterIP: '10.96.255.254', clusterIPs: ['10.96.255.254'] } }, mergePatch),
    invalid('web', 'Service', 'spec.clusterIPs[0]', 'FieldValueInvalid'),
  ],
  [
    'no field manager',
    `${configMaps}/x`,
    patching(map('x'), applyPatch),
    invalid('', 'PatchOptions.meta.k8s.io', 'fieldManager', 'FieldValueRequired'),
  ],
  [
    'a field manager of a long name',
    `${configMaps}?fieldManager=${'x'.repeat(200)}`,
    post(map('x')),
    invalid('', 'CreateOptions.meta.k8s.io', 'fieldManager', 'FieldValueTooLong'),
  ],
  [
    'a patch with force',
    `${configMaps}/one?force=true`,
    patching({}, mergePatch),
    invalid('', 'PatchOptions.meta.k8s.io', 'force', 'FieldValueForbidden'),
  ],
  [
    'two wishes for dependents',
    `${configMaps}/one`,
    deleting({ orphanDependents: true, propagationPolicy: 'Foreground' }),
    invalid('', 'DeleteOptions.meta.k8s.io', 'propagationPolicy', 'FieldValueInvalid'),
  ],
  [
    'deleting with options of another kind',
    `${configMaps}/one`,
    deleting({ apiVersion: 'v1', kind: 'Nothing' }),
    { code: [400, 500], message: /^no kind "Nothing" is registered for version "v1"/ },
  ],
  [
    'a scale of another kind',
    `${deployments}/web/scale`,
    put({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' }, spec: { replicas: 1 } }),
    badRequest(/^Pod in version "v1" cannot be handled as a Scale: /),
  ],
  [
    'a dry run that is none',
    `${configMaps}?dryRun=some`,
    post(map('x')),
    invalid('', 'CreateOptions.meta.k8s.io', 'dryRun', 'FieldValueNotSupported'),
  ],
  [
    'an unknown propagation',
    `${configMaps}/one`,
    deleting({ propagationPolicy: 'Sideways' }),
    invalid('', 'DeleteOptions.meta.k8s.io', 'propagationPolicy', 'FieldValueNotSupported'),
  ],
  [
    'a log since now',
    `${core}/pods/sleeper/log?sinceSeconds=0`,
    {},
    invalid('sleeper', 'PodLogOptions', 'sinceSeconds', 'FieldValueInvalid'),
  ],
  [
    'a tail of less than nothing',
    `${core}/pods/sleeper/log?tailLines=-1`,
    {},
    invalid('sleeper', 'PodLogOptions', 'tailLines', 'FieldValueInvalid'),
  ],

  [
    'a body that is too large',
    configMaps,
    post(map('x', { data: { k: 'x'.repeat(3_200_000) } })),
    { code: 413, reason: 'RequestEntityTooLarge', message: /limit is 3145728/ },
  ],
  [
    'a patch that is too large',
    `${configMaps}/one`,
    patching({ data: { k: 'x'.repeat(3_200_000) } }, mergePatch),
    { code: 413, reason: 'RequestEntityTooLarge', message: /limit is 3145728/ },
  ],
  [
    'annotations that are too large',
    configMaps,
    post(map('x', { metadata: { name: 'x', annotations: { a: 'x'.repeat(300_000) } } })),
    invalid('x', 'ConfigMap', 'metadata.annotations', 'FieldValueTooLong'),
  ],
  [
    'data that is too large by a patch',
    `${configMaps}/one`,
    patching({ data: { k: 'x'.repeat(1_200_000) } }, mergePatch),
    { code: 422, reason: 'Invalid', message: /Too long: must have at most 1048576 (bytes|characters)/ },
  ],
  [
    'data that is too large',
    configMaps,
    post(map('x', { data: { k: 'x'.repeat(1_200_000) } })),
    { code: 422, reason: 'Invalid', message: /Too long: must have at most 1048576 (bytes|characters)/ },
  ],

  [
    'a label selector that is none',
    `${configMaps}?labelSelector=a%20in%20x`,
    {},
    badRequest(/^unable to parse requirement: /),
  ],
  [
    'a label selector with nothing in it',
    `${configMaps}?labelSelector=a%3Db,,`,
    {},
    badRequest(/^found ',', expected: identifier after ','$/),
  ],
  [
    'a time that is none',
    `${configMaps}?timeoutSeconds=x`,
    {},
    badRequest(/^strconv.ParseInt: parsing "x": invalid syntax$/),
  ],
  [
    'a field selector that is none',
    `${configMaps}?fieldSelector=abc`,
    {},
    badRequest(/^invalid selector: 'abc'; can't understand 'abc'$/),
  ],
  ['a field that cannot be selected', `${configMaps}?fieldSelector=a.b%3Dc`, {}, badRequest(/a\.b/)],
  ['a limit that is none', `${configMaps}?limit=x`, {}, badRequest(/^strconv.ParseInt: parsing "x": invalid syntax$/)],
  [
    'a continue token that is none',
    `${configMaps}?limit=1&continue=xxx`,
    {},
    badRequest(/^invalid continue token: continue key is not valid: /),
  ],
  [
    'a continue token of another version',
    `${configMaps}?continue=${tokenOfList({ v: 'x', rv: 1, start: 'a' })}`,
    {},
    badRequest(/: continue key is not valid: server does not recognize this encoded version "x"$/),
  ],
  [
    'a continue token of no state',
    `${configMaps}?continue=${tokenOfList({ rv: 0, start: 'a' })}`,
    {},
    badRequest(/: incorrect encoded start resourceVersion \(version meta.k8s.io\/v1\)$/),
  ],
  [
    'a continue token without a start',
    `${configMaps}?continue=${tokenOfList({ rv: 1, start: '' })}`,
    {},
    badRequest(/: encoded start key empty \(version meta.k8s.io\/v1\)$/),
  ],
  [
    'a continue token that leads elsewhere',
    `${configMaps}?continue=${tokenOfList({ rv: 1, start: '../../a' })}`,
    {},
    badRequest(/^invalid continue token: continue key is not valid: \.\.\/\.\.\/a$/),
  ],
  [
    'a continue token with a version',
    `${configMaps}?resourceVersion=5&continue=${tokenOfList({ rv: 5, start: 'a' })}`,
    {},
    badRequest(/^specifying resource version is not allowed when using continue$/),
  ],
  [
    'an unknown match of versions',
    `${configMaps}?resourceVersion=1&resourceVersionMatch=Perhaps`,
    {},
    invalid('', 'ListOptions.meta.k8s.io', 'resourceVersionMatch', 'FieldValueNotSupported'),
  ],
  [
    'a match of versions without a version',
    `${configMaps}?resourceVersionMatch=Exact`,
    {},
    invalid('', 'ListOptions.meta.k8s.io', 'resourceVersionMatch', 'FieldValueForbidden'),
  ],
  [
    'exactly the version of any state',
    `${configMaps}?resourceVersion=0&resourceVersionMatch=Exact`,
    {},
    invalid('', 'ListOptions.meta.k8s.io', 'resourceVersionMatch', 'FieldValueForbidden'),
  ],
  [
    'a list of a version that is none',
    `${configMaps}?resourceVersion=x`,
    {},
    {
      code: [400, 500],
      message: /^resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax$/,
    },
  ],
  [
    'a list of a version to come',
    `${configMaps}?resourceVersion=999999999`,
    {},
    { code: 504, reason: 'Timeout', message: /^Timeout: Too large resource version: 999999999, current: / },
  ],
  [
    'a table with something else',
    `${configMaps}?includeObject=Foo`,
    { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
    badRequest(/includeObject: Invalid value: "Foo": must be 'Metadata', 'Object', 'None', or empty$/),
  ],
  [
    'a table of an unknown version',
    configMaps,
    { accept: 'application/json;as=Table;v=v9;g=meta.k8s.io' },
    { code: 406, reason: 'NotAcceptable' },
  ],

  [
    'a JSON patch that is none',
    `${configMaps}/one`,
    patching({}, 'application/json-patch+json'),
    badRequest(/cannot unmarshal object into Go value of type jsonpatch.Patch/),
  ],
  [
    'a test that fails',
    `${configMaps}/one`,
    patching([{ op: 'test', path: '/data/k', value: 'no' }], 'application/json-patch+json'),
    { code: 422, reason: 'Invalid' },
  ],
  [
    'an operation that is none',
    `${configMaps}/one`,
    patching([{ op: 'frob', path: '/data/k' }], 'application/json-patch+json'),
    { code: 422, reason: 'Invalid' },
  ],
  [
    'a patch of another name',
    `${configMaps}/one`,
    patching({ metadata: { name: 'z' } }, mergePatch),
    badRequest(/does not match the name on the URL \(one\)$/),
  ],
  [
    'an applied field that is unknown',
    `${configMaps}/y?fieldManager=t`,
    patching(map('y', { foo: 1 }), applyPatch),
    { code: 500, message: /^failed to create typed patch object.*: \.foo: field not declared in schema$/ },
  ],
  [
    'an applied object without its version',
    `${configMaps}/y?fieldManager=t`,
    patching({ data: {} }, applyPatch),
    badRequest(/^Incorrect version specified in apply patch/),
  ],
  ['a wrong token', configMaps, { token: 'wrong' }, { code: 401, reason: 'Unauthorized', message: /^Unauthorized$/ }],
  [
    'exec without an upgrade',
    `${core}/pods/sleeper/exec?command=ls&stdout=1`,
    post(undefined),
    badRequest(/^Upgrade request required$/),
  ],
];

describe('the server refuses', () => {
  test.each(cases)('%s', async (name, path, request, { code, reason, message, details }) => {
    if (name.includes('exec without')) await waitFor(async () => expect(await phaseOf('sleeper')).toBe('Running'), 60);
    const answer = await askApi(path, request);
    expect([answer.code, answer.body], answer.text).toEqual([
      Array.isArray(code) ? expect.toBeOneOf([...(code as number[])]) : code,
      expect.objectContaining({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code: answer.code }),
    ]);
    if (reason !== undefined) expect(answer.body.reason).toBe(reason);
    if (message) expect(answer.body.message).toMatch(message);
    if (details) expect(answer.body.details).toMatchObject(details);
  });

  test('an unknown field, if asked to be strict', async () => {
    const version = (await askApi('/version')).body;
    const answer = await create(
      `${deployments}?fieldValidation=Strict`,
      deployment('strict', { replicos: 1, template: template({ name: 'c', image: 'b', imagee: 'c' }) }),
    );
    // Kubernetes before 1.25 does not know the question, and drops the fields
    if (Number.parseInt(version.minor ?? '', 10) < 25) return expect(answer.code).toBe(201);
    expect(answer).toMatchObject({ code: 400, body: { kind: 'Status', status: 'Failure', reason: 'BadRequest' } });
    expect(answer.body.message).toMatch(
      /^Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.template.spec.containers\[0\].imagee", unknown field "spec.replicos"$/,
    );
  });

  test('what an account may not, with verb, resource and namespace', async () => {
    const token = tokenOf(await kubeconfigOfAccount(namespace, 'nobody'));
    const user = `system:serviceaccount:${namespace.name}:nobody`;
    expect(await askApi(configMaps, { token })).toMatchObject({
      code: 403,
      body: {
        reason: 'Forbidden',
        message: `configmaps is forbidden: User "${user}" cannot list resource "configmaps" in API group "" in the namespace "${namespace.name}"`,
        details: { kind: 'configmaps' },
      },
    });
    expect((await askApi('/api/v1/nodes/x', { token })).body).toMatchObject({
      message: `nodes "x" is forbidden: User "${user}" cannot get resource "nodes" in API group "" at the cluster scope`,
      details: { name: 'x', kind: 'nodes' },
    });
  });

  test('a watch that starts too early', async () => {
    // a young server may still have everything of a kind that seldom changes
    const leases = `/apis/coordination.k8s.io/v1/leases`;
    const answers = [configMaps, leases, '/api/v1/pods', '/apis/apps/v1/deployments'].map(async (path) => {
      const { code, text } = await askApi(`${path}?watch=1&resourceVersion=1&timeoutSeconds=3`);
      return { code, first: text === '' ? undefined : (JSON.parse(text.split('\n')[0] ?? '') as object) };
    });
    const message = expect.stringMatching(/^too old resource version: 1/) as string;
    const object = expect.objectContaining({ kind: 'Status', code: 410, reason: 'Expired', message }) as object;
    expect(await Promise.all(answers)).toContainEqual({ code: 200, first: { type: 'ERROR', object } });
  });

  test('a list of a state that is forgotten, with a token for the rest of the present one', async () => {
    await create(configMaps, map('zz-last'));
    const { body: version } = await askApi('/version');
    const { body: oldest } = await askApi('/api/v1/namespaces/kube-system');
    const ageMs = Date.now() - Date.parse(oldest.metadata?.creationTimestamp ?? '');
    const list = await askApi(`${configMaps}?continue=${tokenOfList({ rv: 1, start: 'zz\0' })}`);
    // a real server forgets what is older than some five to ten minutes, so a younger one knows everything
    if (ageMs < 15 * 60_000 && !version.gitVersion?.includes('embedded') && list.code === 200) return;
    expect(list).toMatchObject({
      code: 410,
      body: { kind: 'Status', status: 'Failure', reason: 'Expired', code: 410 },
    });
    expect(list.body.message).toMatch(
      /^The provided continue parameter is too old to display a consistent list result\. /,
    );
    expect(list.body.details).toBeUndefined();
    const rest = await askApi(`${configMaps}?continue=${list.body.metadata?.continue}`);
    expect(rest.body.items?.map(({ metadata }) => metadata?.name)).toEqual(['zz-last']);
    for (const query of ['limit=1', 'resourceVersionMatch=Exact']) {
      const message = 'The resourceVersion for the provided list is too old.';
      const answer = await askApi(`${configMaps}?resourceVersion=1&${query}`);
      expect(answer.body).toMatchObject({ code: 410, reason: 'Expired', message, metadata: {} });
    }
  });

  test('what is more than a quota allows', async () => {
    const quota = {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'few' },
      spec: { hard: { 'count/secrets': '1' } },
    };
    expect((await create(`${core}/resourcequotas`, quota)).code).toBe(201);
    await waitFor(async () => {
      const { body } = await askApi(`${core}/resourcequotas/few`);
      expect(body.status).toMatchObject({
        hard: { 'count/secrets': '1' },
        used: { 'count/secrets': expect.any(String) as string },
      });
    }, 60);
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'more' } };
    expect(await create(`${core}/secrets`, secret)).toMatchObject({
      code: 403,
      body: {
        reason: 'Forbidden',
        message: expect.stringMatching(
          /^secrets "more" is forbidden: exceeded quota: few, requested: count\/secrets=1, used: count\/secrets=\d+, limited: count\/secrets=1$/,
        ) as string,
        details: { name: 'more', kind: 'secrets' },
      },
    });
  });
});

describe('the server answers', () => {
  test('to YAML, created, replaced and applied', async () => {
    const text = (value: string) =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: yaml\ndata:\n  k: "${value}"\n`;
    expect(await create(configMaps, text('1'), yaml)).toMatchObject({ code: 201, body: { data: { k: '1' } } });
    const replaced = await askApi(`${configMaps}/yaml`, { method: 'PUT', body: text('2'), contentType: yaml });
    expect(replaced).toMatchObject({ code: 200, body: { data: { k: '2' } } });
    const applied = await patch(`${configMaps}/yaml?fieldManager=t&force=true`, text('3'), applyPatch);
    expect(applied).toMatchObject({ code: 200, body: { data: { k: '3' } } });
  });

  test('to YAML with more documents or the same key again, of which the last counts', async () => {
    const text = (name: string, more: string) =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\n${more}`;
    const twice = await create(configMaps, text('twice', 'data: { k: "1", k: "2" }\n'), yaml);
    expect(twice).toMatchObject({ code: 201, body: { data: { k: '2' } } });
    const first = await create(configMaps, text('first', '---\nkind: Nothing\n'), yaml);
    expect(first).toMatchObject({ code: 201, body: { kind: 'ConfigMap', metadata: { name: 'first' } } });
    expect(await create(configMaps, '', yaml)).toMatchObject({ code: 422, body: { reason: 'Invalid' } });
  });

  test('to the question for its health', async () => {
    expect(await askApi('/healthz')).toMatchObject({ code: 200, text: 'ok' });
  });

  test('page by page, each object once', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    for (const name of names)
      await create(configMaps, map(`page-${name}`, { metadata: { name: `page-${name}`, labels: { page: 'yes' } } }));
    const query = `${configMaps}?labelSelector=page%3Dyes&limit=2`;
    const seen: string[] = [];
    let token = '';
    do {
      const { body } = await askApi(`${query}&continue=${encodeURIComponent(token)}`);
      expect(body.items?.length).toBeLessThanOrEqual(2);
      seen.push(...(body.items ?? []).map(({ metadata }) => metadata?.name ?? ''));
      token = body.metadata?.continue ?? '';
      expect(body.metadata?.remainingItemCount).toBeUndefined();
    } while (token !== '');
    expect(seen).toEqual(names.map((name) => `page-${name}`));
  });

  test('page by page with one state, whatever happens in between', async () => {
    const all = (await askApi(configMaps)).body.items ?? [];
    const { metadata } = (await askApi(`${configMaps}?limit=1`)).body;
    expect(metadata?.remainingItemCount).toBe(all.length - 1);
    await create(configMaps, map('zy-between'));
    const rest = (await askApi(`${configMaps}?continue=${metadata?.continue}`)).body;
    expect(rest.metadata).toMatchObject({ resourceVersion: metadata?.resourceVersion });
    expect(rest.items?.map((item) => item.metadata?.name)).toEqual(all.slice(1).map((item) => item.metadata?.name));
  });

  test.each([
    ['configmaps', configMaps, ['Name', 'Data', 'Age']],
    [
      'pods',
      `${core}/pods`,
      ['Name', 'Ready', 'Status', 'Restarts', 'Age', 'IP+', 'Node+', 'Nominated Node+', 'Readiness Gates+'],
    ],
    [
      'deployments',
      deployments,
      ['Name', 'Ready', 'Up-to-date', 'Available', 'Age', 'Containers+', 'Images+', 'Selector+'],
    ],
    ['services', `${core}/services`, ['Name', 'Type', 'Cluster-IP', 'External-IP', 'Port(s)', 'Age', 'Selector+']],
    ['secrets', `${core}/secrets`, ['Name', 'Type', 'Data', 'Age']],
    [
      'events',
      `${core}/events`,
      ['Last Seen', 'Type', 'Reason', 'Object', 'Subobject+', 'Source+', 'Message', 'First Seen+', 'Count+', 'Name+'],
    ],
    ['namespaces', '/api/v1/namespaces', ['Name', 'Status', 'Age']],
    [
      'nodes',
      '/api/v1/nodes',
      [
        'Name',
        'Status',
        'Roles',
        'Age',
        'Version',
        'Internal-IP+',
        'External-IP+',
        'OS-Image+',
        'Kernel-Version+',
        'Container-Runtime+',
      ],
    ],
    ['serviceaccounts', `${core}/serviceaccounts`, ['Name', 'Secrets', 'Age']],
    ['resourcequotas', `${core}/resourcequotas`, ['Name', 'Age', 'Request', 'Limit']],
    ['endpoints', `${core}/endpoints`, ['Name', 'Endpoints', 'Age']],
    [
      'persistentvolumeclaims',
      `${core}/persistentvolumeclaims`,
      ['Name', 'Status', 'Volume', 'Capacity', 'Access Modes', 'StorageClass', 'Age', 'VolumeMode+'],
    ],
    [
      'replicasets',
      deployments.replace('deployments', 'replicasets'),
      ['Name', 'Desired', 'Current', 'Ready', 'Age', 'Containers+', 'Images+', 'Selector+'],
    ],
    [
      'statefulsets',
      deployments.replace('deployments', 'statefulsets'),
      ['Name', 'Ready', 'Age', 'Containers+', 'Images+'],
    ],
    [
      'ingresses',
      `/apis/networking.k8s.io/v1/namespaces/${namespace.name}/ingresses`,
      ['Name', 'Class', 'Hosts', 'Address', 'Ports', 'Age'],
    ],
    [
      'rolebindings',
      `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace.name}/rolebindings`,
      ['Name', 'Role', 'Age', 'Users+', 'Groups+', 'ServiceAccounts+'],
    ],
    [
      'storageclasses',
      '/apis/storage.k8s.io/v1/storageclasses',
      ['Name', 'Provisioner', 'ReclaimPolicy', 'VolumeBindingMode', 'AllowVolumeExpansion', 'Age'],
    ],
  ])('with a table of %s', async (_kind, path, columns) => {
    const { code, body } = await askApi(path, {
      accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
    });
    expect([code, body.kind, body.apiVersion]).toEqual([200, 'Table', 'meta.k8s.io/v1']);
    expect(body.columnDefinitions?.map(({ name, priority }) => `${name}${priority > 0 ? '+' : ''}`)).toEqual(columns);
    for (const { cells, object } of body.rows ?? []) {
      expect(cells.length).toBe(columns.length);
      expect(object?.kind).toBe('PartialObjectMetadata');
    }
  });

  test.each([
    ['None', undefined],
    ['Metadata', 'PartialObjectMetadata'],
    ['Object', 'ConfigMap'],
  ])('with a table whose rows include: %s', async (include, kind) => {
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
    const { body } = await askApi(`${configMaps}/one?includeObject=${include}`, { accept });
    expect(body.rows).toHaveLength(1);
    expect(body.rows?.[0]?.object?.kind).toBe(kind);
  });
});

describe('an autoscaler', () => {
  const scalers = (version: string) =>
    `/apis/autoscaling/${version}/namespaces/${namespace.name}/horizontalpodautoscalers`;
  const scaleTargetRef = { kind: 'Deployment', name: 'web', apiVersion: 'apps/v1' };
  const resource = (name: string, target: object) => ({ type: 'Resource', resource: { name, target } });
  const cpu = (percent: number) => resource('cpu', { type: 'Utilization', averageUtilization: percent });
  const memory = resource('memory', { type: 'AverageValue', averageValue: '100Mi' });
  const others = [
    { type: 'Pods', pods: { metric: { name: 'q' }, target: { type: 'AverageValue', averageValue: '5' } } },
    {
      type: 'Object',
      object: {
        describedObject: scaleTargetRef,
        metric: { name: 'r', selector: { matchLabels: { a: 'b' } } },
        target: { type: 'Value', value: '10' },
      },
    },
    { type: 'External', external: { metric: { name: 'x' }, target: { type: 'AverageValue', averageValue: '3' } } },
  ];
  /** The version with metrics; Kubernetes before 1.23 has a beta of it. */
  const second = async () => ((await askApi('/apis/autoscaling/v2')).code === 200 ? 'v2' : 'v2beta2');
  const write = async (version: string, name: string, spec: object) => {
    const body = {
      apiVersion: `autoscaling/${version}`,
      kind: 'HorizontalPodAutoscaler',
      metadata: { name },
      spec: { scaleTargetRef, maxReplicas: 3, ...spec },
    };
    const { code, text } = await create(scalers(version), body);
    expect(code, text).toBe(201);
  };
  const read = async (version: string, name: string) => {
    const { apiVersion, metadata, spec } = (await askApi(`${scalers(version)}/${name}`)).body;
    return { apiVersion, annotations: metadata?.annotations, spec };
  };

  test.each([
    ['a share of the processor', { targetCPUUtilizationPercentage: 60, minReplicas: 2 }, [cpu(60)]],
    ['nothing', {}, [cpu(80)]],
  ])('of version 1 that asks for %s has metrics in version 2', async (name, spec, metrics) => {
    const id = name.replaceAll(' ', '-');
    await write('v1', id, spec);
    const common = { scaleTargetRef, maxReplicas: 3, minReplicas: 1, ...spec };
    const shown = { targetCPUUtilizationPercentage: 80, ...common };
    expect(await read('v1', id)).toEqual({ apiVersion: 'autoscaling/v1', spec: shown });
    const { targetCPUUtilizationPercentage: _, ...rest } = shown;
    const version = await second();
    expect(await read(version, id)).toEqual({ apiVersion: `autoscaling/${version}`, spec: { ...rest, metrics } });
  });

  test.each([
    [
      'memory',
      [memory, cpu(50)],
      50,
      [{ type: 'Resource', resource: { name: 'memory', targetAverageValue: '100Mi' } }],
    ],
    [
      'others',
      others,
      undefined,
      [
        { type: 'Pods', pods: { metricName: 'q', targetAverageValue: '5' } },
        {
          type: 'Object',
          object: { target: scaleTargetRef, metricName: 'r', targetValue: '10', selector: { matchLabels: { a: 'b' } } },
        },
        { type: 'External', external: { metricName: 'x', targetAverageValue: '3' } },
      ],
    ],
  ])('of version 2 keeps in an annotation what version 1 cannot say: %s', async (name, metrics, percent, kept) => {
    const version = await second();
    await write(version, name, { metrics });
    const first = await read('v1', name);
    expect(first.spec).toEqual({
      scaleTargetRef,
      minReplicas: 1,
      maxReplicas: 3,
      ...(percent ? { targetCPUUtilizationPercentage: percent } : {}),
    });
    const text = first.annotations?.['autoscaling.alpha.kubernetes.io/metrics'] ?? '';
    expect(Object.keys(first.annotations ?? {})).toHaveLength(1);
    expect(JSON.parse(text)).toEqual(kept);
    // and a change through version 1 loses nothing of it
    await patch(`${scalers('v1')}/${name}`, { spec: { maxReplicas: 9 } }, mergePatch);
    expect(await read(version, name)).toEqual({
      apiVersion: `autoscaling/${version}`,
      spec: { scaleTargetRef, minReplicas: 1, maxReplicas: 9, metrics },
    });
  });

  test('of less than one is refused', async () => {
    const body = { metadata: { name: 'x' }, spec: { scaleTargetRef, minReplicas: 5 } };
    const { body: status } = await create(scalers('v1'), body);
    expect(status).toMatchObject({ code: 422, reason: 'Invalid' });
    expect(status.message).toBe(
      'HorizontalPodAutoscaler.autoscaling "x" is invalid: [spec.maxReplicas: Invalid value: 0: must be greater than 0, spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`]',
    );
  });
});

const phaseOf = async (name: string) =>
  ((await askApi(`${core}/pods/${name}`)).body.status as { phase?: string }).phase;
