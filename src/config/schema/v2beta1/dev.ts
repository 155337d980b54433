import { described, flag, list, map, object, text, textMap, texts, withDefault } from '../fields.ts';
import { devContainer, devContainerFields, portMapping } from './dev-container.ts';
import { patch } from './patch.ts';

const open = object({ url: text('Page to open in the browser once it answers.') });

const persistenceOptions = object({
  size: withDefault(text('Size of the volume.'), '10Gi'),
  storageClassName: text('StorageClass of the volume.'),
  accessModes: withDefault(texts('Who may mount the volume, as in Kubernetes.'), ['ReadWriteOnce']),
  readOnly: flag('Forbid writing.'),
  name: text('Name of the PersistentVolumeClaim.'),
});

export const devPod = object({
  ...devContainerFields,
  name: text('Name of the entry; the key under `dev` counts.'),
  imageSelector: text('Image of the container, with which the pod is found.'),
  labelSelector: textMap('Labels of the pod.'),
  namespace: text('Namespace of the pod; the current one without it.'),
  ports: list(portMapping, 'Ports of the pod that are reachable on this machine.'),
  persistenceOptions: described(persistenceOptions, 'The volume behind `persistPaths`.'),
  patches: list(patch, 'Changes to the pod for the time of development.'),
  open: list(open, 'Pages to open in the browser.'),
  containers: map(
    devContainer,
    'For pods with several containers: by the name of the container, the keys that otherwise stand in the pod itself, from `arch` to `restartHelper`.',
  ),
});
