import { described, flag, list, map, object, text, textMap, texts, withDefault } from '../fields.ts';
import { devContainer, devContainerFields, portMapping } from './dev-container.ts';
import { patch } from './patch.ts';

export const open = object({ url: text('') });

export const persistenceOptions = object({
  size: withDefault(text(''), '10Gi'),
  storageClassName: text(''),
  accessModes: withDefault(texts(''), ['ReadWriteOnce']),
  readOnly: flag(''),
  name: text(''),
});

export const devPod = object({
  ...devContainerFields,
  name: text(''),
  imageSelector: text(''),
  labelSelector: textMap(''),
  namespace: text(''),
  ports: list(portMapping, ''),
  persistenceOptions: described(persistenceOptions, ''),
  patches: list(patch, ''),
  open: list(open, ''),
  containers: map(devContainer, ''),
});
