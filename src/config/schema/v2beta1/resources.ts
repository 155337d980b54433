import { object, textMap } from '../fields.ts';

export const resources = object({ requests: textMap(''), limits: textMap('') });
