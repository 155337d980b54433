import { choice, described, flag, number, object, text, texts, withDefault } from '../fields.ts';

export const pullSecret = object(
  {
    name: text('Name of the entry; the key under `pullSecrets` counts.'),
    registry: text('Host of the registry.'),
    username: text('Login; without it the one of Docker on this machine.'),
    password: text('Password or token.'),
    email: text('E-mail address of the login.'),
    secret: text('Name of the Kubernetes Secret to write.'),
    serviceAccounts: texts('ServiceAccounts that get the login; `default` without it.'),
  },
  { required: ['registry'] },
);

const localRegistryPersistence = object({
  enabled: choice("Whether images outlive the registry's pod."),
  size: withDefault(text('Size of the volume.'), '5Gi'),
  storageClassName: text('StorageClass of the volume.'),
});

export const localRegistry = object({
  enabled: choice('Always or never; without it, when there is no registry to push to.'),
  localbuild: flag('Build on this machine instead of in the cluster.'),
  namespace: text('Namespace of the registry.'),
  name: withDefault(text("Name of the registry's Service and workload."), 'registry'),
  image: withDefault(text('Image of the registry.'), 'registry:2.8.1'),
  buildKitImage: withDefault(text('Image of BuildKit.'), 'moby/buildkit:master-rootless'),
  port: withDefault(number('Port of the registry.'), 5000),
  persistence: described(localRegistryPersistence, 'The volume for images.'),
});
