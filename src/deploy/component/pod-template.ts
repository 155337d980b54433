import { isOn, mapAt, mapsAt, pick, pickOthers, textAt, textsAt, type Values } from './values.ts';

/** Keys of the component that are not fields of the pod. */
const componentKeys = [
  'containers',
  'initContainers',
  'labels',
  'annotations',
  'volumes',
  'service',
  'serviceName',
  'ingress',
  'replicas',
  'autoScaling',
  'rollingUpdate',
  'pullSecrets',
  'podManagementPolicy',
];

/** The pod template: containers and volumes in the component's shape, every other key as Kubernetes has it. */
export function toPodTemplate(values: Values, labels: Readonly<Record<string, string>>): Record<string, unknown> {
  const pullSecrets = Array.isArray(values['pullSecrets']) ? values['pullSecrets'] : [];
  const initContainers = mapsAt(values, 'initContainers').map((container, index) =>
    toContainer(container, `init-container-${index}`),
  );
  const volumes = mapsAt(values, 'volumes').flatMap(toPodVolume);
  return {
    metadata: { labels: { ...textsAt(values, 'labels'), ...labels }, ...pick(values, 'annotations') },
    spec: {
      ...pickOthers(values, ...componentKeys),
      ...(pullSecrets.length > 0 ? { imagePullSecrets: pullSecrets.map((name: unknown) => ({ name })) } : {}),
      ...(initContainers.length > 0 ? { initContainers } : {}),
      containers: mapsAt(values, 'containers').map((container, index) => toContainer(container, `container-${index}`)),
      ...(volumes.length > 0 ? { volumes } : {}),
    },
  };
}

function toContainer(container: Values, defaultName: string): Record<string, unknown> {
  const volumeMounts = mapsAt(container, 'volumeMounts').map(toVolumeMount);
  return {
    name: textAt(container, 'name') ?? defaultName,
    ...pickOthers(container, 'name', 'volumeMounts'),
    ...(volumeMounts.length > 0 ? { volumeMounts } : {}),
  };
}

/** `containerPath` and `volume` of the component, or the mount as Kubernetes has it. */
function toVolumeMount(mount: Values): Record<string, unknown> {
  if (mount['volume'] === undefined) return { ...mount };
  const volume = mapAt(mount, 'volume');
  const subPath = textAt(volume, 'subPath');
  return {
    name: textAt(volume, 'name') ?? '',
    mountPath: textAt(mount, 'containerPath') ?? '',
    ...(subPath === undefined ? {} : { subPath }),
    ...(isOn(volume, 'readOnly') ? { readOnly: true } : {}),
  };
}

/** A volume that the pod brings itself; one with a size is a claim. */
function toPodVolume(volume: Values): Record<string, unknown>[] {
  if (isClaim(volume)) return [];
  const source = pick(volume, 'configMap', 'secret', 'emptyDir');
  return [{ name: textAt(volume, 'name') ?? '', ...(Object.keys(source).length > 0 ? source : { emptyDir: {} }) }];
}

/** Whether the volume outlives its pod. */
export const isClaim = (volume: Values): boolean => textAt(volume, 'size') !== undefined;

/** The volumes that several pods write to: these are claims of their own, which a Deployment can use. */
export function sharedVolumes(values: Values): string[] {
  return [...mapsAt(values, 'containers'), ...mapsAt(values, 'initContainers')]
    .flatMap((container) => mapsAt(container, 'volumeMounts'))
    .map((mount) => mapAt(mount, 'volume'))
    .filter((volume) => isOn(volume, 'shared'))
    .map((volume) => textAt(volume, 'name') ?? '');
}
