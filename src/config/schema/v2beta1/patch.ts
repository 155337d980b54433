import { anything, described, object, text } from '../fields.ts';

export const patchFields = { op: text(''), path: text(''), value: anything('') };

export const patch = object(patchFields, { required: ['op', 'path'] });

export const target = object({ apiVersion: text(''), kind: text(''), name: text('') }, { required: ['name'] });

export const patchTarget = object(
  { ...patchFields, target: described(target, '') },
  { required: ['target', 'op', 'path'] },
);
