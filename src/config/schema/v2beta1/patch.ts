import { anything, described, object, text } from '../fields.ts';

const patchFields = {
  op: text('What to do there: `add`, `replace` or `remove`.'),
  path: text('Where to change something, such as `images.app.tags` or `/spec/replicas`.'),
  value: anything('The new value; not for `remove`.'),
};

export const patch = object(patchFields, { expected: ['op', 'path'], printed: ['op', 'path'] });

const target = object(
  {
    apiVersion: text("Version of the object's API, such as `apps/v1`."),
    kind: text('Kind of the object, such as `Deployment`.'),
    name: text('Name of the Kubernetes object.'),
  },
  { required: ['name'], printed: ['apiVersion', 'kind'] },
);

export const patchTarget = object(
  { ...patchFields, target: described(target, 'The Kubernetes object that is changed.') },
  { required: ['target', 'op', 'path'] },
);
