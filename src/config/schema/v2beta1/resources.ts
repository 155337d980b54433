import { object, textMap } from '../fields.ts';

export const resources = object({
  requests: textMap('What the scheduler sets aside, such as `cpu: 100m`.'),
  limits: textMap('What must not be exceeded, such as `memory: 1Gi`.'),
});
