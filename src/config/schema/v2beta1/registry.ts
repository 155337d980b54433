import { choice, described, flag, number, object, text, texts, withDefault } from '../fields.ts';

export const pullSecret = object(
  {
    name: text(''),
    registry: text(''),
    username: text(''),
    password: text(''),
    email: text(''),
    secret: text(''),
    serviceAccounts: texts(''),
  },
  { required: ['registry'] },
);

export const localRegistryPersistence = object({
  enabled: choice(''),
  size: withDefault(text(''), '5Gi'),
  storageClassName: text(''),
});

export const localRegistry = object({
  enabled: choice(''),
  localbuild: flag(''),
  namespace: text(''),
  name: withDefault(text(''), 'registry'),
  image: withDefault(text(''), 'registry:2.8.1'),
  buildKitImage: withDefault(text(''), 'moby/buildkit:master-rootless'),
  port: withDefault(number(''), 5000),
  persistence: described(localRegistryPersistence, ''),
});
