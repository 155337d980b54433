import type { User } from './auth.ts';
import type { Answer } from './call.ts';
import { type Body, parseBody } from './decode.ts';
import { asObject, asText, at, type JsonObject } from './objects.ts';
import { isAllowed, rulesFor } from './rbac.ts';
import type { RequestInfo } from './request-info.ts';
import type { Store } from './store.ts';

export interface ReviewContext {
  readonly store: Store;
  readonly user: User;
  readonly namespace: string;
}

/** Questions that are answered and never stored, by group and plural. */
export const reviewKinds: readonly { group: string; plural: string; kind: string }[] = [
  { group: 'authorization.k8s.io', plural: 'selfsubjectaccessreviews', kind: 'SelfSubjectAccessReview' },
  { group: 'authorization.k8s.io', plural: 'selfsubjectrulesreviews', kind: 'SelfSubjectRulesReview' },
  { group: 'authentication.k8s.io', plural: 'selfsubjectreviews', kind: 'SelfSubjectReview' },
];

export function answerReview(kind: string, body: Body, context: ReviewContext): Answer {
  const review = asObject(parseBody(body, kind));
  return {
    code: 201,
    body: { ...review, metadata: asObject(review['metadata']), status: statusOf(kind, review, context) },
  };
}

function statusOf(kind: string, review: JsonObject, { store, user, namespace }: ReviewContext): JsonObject {
  const spec = asObject(review['spec']);
  switch (kind) {
    case 'SelfSubjectReview':
      return { userInfo: userInfo(user) };
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
      const allowed = isAllowed(store, user, toInfo(spec, namespace));
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
