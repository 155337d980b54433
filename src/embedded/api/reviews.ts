import type { Authenticator, User } from './auth.ts';
import type { Answer } from './call.ts';
import { parseBody } from './decode.ts';
import { asList, asObject, asText, at, type JsonObject } from './objects.ts';
import { isAllowed, rulesFor } from './rbac.ts';
import type { RequestInfo } from './request-info.ts';
import { StatusError } from './status.ts';
import type { Store } from './store.ts';

export interface ReviewContext {
  readonly store: Store;
  readonly authenticator: Authenticator;
  readonly user: User;
  readonly namespace: string;
}

/** Questions that are answered and never stored, by group and plural. */
export const reviewKinds: readonly { group: string; plural: string; kind: string; namespaced: boolean }[] = [
  {
    group: 'authorization.k8s.io',
    plural: 'selfsubjectaccessreviews',
    kind: 'SelfSubjectAccessReview',
    namespaced: false,
  },
  {
    group: 'authorization.k8s.io',
    plural: 'selfsubjectrulesreviews',
    kind: 'SelfSubjectRulesReview',
    namespaced: false,
  },
  { group: 'authorization.k8s.io', plural: 'subjectaccessreviews', kind: 'SubjectAccessReview', namespaced: false },
  {
    group: 'authorization.k8s.io',
    plural: 'localsubjectaccessreviews',
    kind: 'LocalSubjectAccessReview',
    namespaced: true,
  },
  { group: 'authentication.k8s.io', plural: 'selfsubjectreviews', kind: 'SelfSubjectReview', namespaced: false },
  { group: 'authentication.k8s.io', plural: 'tokenreviews', kind: 'TokenReview', namespaced: false },
];

export function answerReview(kind: string, body: Buffer, context: ReviewContext): Answer {
  const review = asObject(parseBody(body));
  return {
    code: 201,
    body: { ...review, metadata: asObject(review['metadata']), status: statusOf(kind, review, context) },
  };
}

function statusOf(
  kind: string,
  review: JsonObject,
  { store, authenticator, user, namespace }: ReviewContext,
): JsonObject {
  const spec = asObject(review['spec']);
  switch (kind) {
    case 'SelfSubjectReview':
      return { userInfo: userInfo(user) };
    case 'TokenReview':
      return tokenStatus(authenticator, asText(spec['token']));
    case 'SelfSubjectRulesReview': {
      const rules = user.groups.includes('system:masters')
        ? [
            { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
            { verbs: ['*'], nonResourceURLs: ['*'] },
          ]
        : rulesFor(store, user, asText(spec['namespace']));
      const isPath = (rule: JsonObject) => rule['nonResourceURLs'] !== undefined;
      return {
        resourceRules: rules.filter((rule) => !isPath(rule)),
        nonResourceRules: rules.filter(isPath),
        incomplete: false,
      };
    }
    default: {
      const isSelf = kind === 'SelfSubjectAccessReview';
      const groups = asList(spec['groups']).map(asText);
      const asked: User = isSelf ? user : { name: asText(spec['user']), groups };
      const allowed = isAllowed(store, asked, toInfo(spec, namespace));
      return { allowed, ...(allowed ? {} : { reason: '' }) };
    }
  }
}

function toInfo(spec: JsonObject, namespace: string): RequestInfo {
  const path = at(spec, 'nonResourceAttributes', 'path');
  if (path !== undefined)
    return { verb: asText(at(spec, 'nonResourceAttributes', 'verb')), path: asText(path), resource: undefined };
  const asked = asObject(spec['resourceAttributes']);
  return {
    verb: asText(asked['verb']),
    path: '',
    resource: {
      group: asText(asked['group']),
      version: asText(asked['version']),
      plural: asText(asked['resource']),
      namespace: asText(asked['namespace']) || namespace,
      name: asText(asked['name']),
      subresource: asText(asked['subresource']),
    },
  };
}

function userInfo({ name, groups, uid }: User): JsonObject {
  return { username: name, groups: [...groups], ...(uid === undefined ? {} : { uid }) };
}

function tokenStatus(authenticator: Authenticator, token: string): JsonObject {
  try {
    const user = authenticator.identify({ authorization: `Bearer ${token}`, certificate: undefined });
    return { authenticated: true, user: userInfo(user), audiences: ['https://kubernetes.default.svc.cluster.local'] };
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return { user: {}, error: 'invalid bearer token' };
  }
}
