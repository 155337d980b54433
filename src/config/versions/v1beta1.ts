import { schemaOf } from '../schema/groups.ts';
import { v1beta1 as tree } from '../schema/v1beta1.ts';
import { changeEntries, defined, mapAt, mapOrNothing, without } from './data.ts';
import type { ConfigVersion, Data } from './version.ts';

export const v1beta1: ConfigVersion = {
  name: 'v1beta1',
  get schema() {
    return schemaOf(tree);
  },
  upgrade: (data, { moved }) =>
    changeEntries(withoutClusterLogin(data), 'images', (image, name) => {
      const at = ['images', name];
      for (const key of ['dockerfile', 'context']) moved([...at, key], [...at, 'build', key]);
      moved([...at, 'build', 'kaniko', 'insecure'], [...at, 'insecure']);
      moved([...at, 'build', 'docker', 'skipPush'], [...at, 'skipPush']);
      for (const engine of ['docker', 'kaniko'])
        moved([...at, 'build', engine, 'options'], [...at, 'build', 'options']);
      return toImage(image);
    }),
};

const withoutClusterLogin = (data: Data): Data =>
  data.cluster === undefined
    ? data
    : { ...data, cluster: without(mapAt(data, 'cluster'), 'apiServer', 'caCert', 'user') };

function toImage(image: Data): Data {
  const build = mapAt(image, 'build');
  const kaniko = withKeys(mapOrNothing(build, 'kaniko'), { insecure: image.insecure });
  const docker = withKeys(mapOrNothing(build, 'docker'), { skipPush: image.skipPush });
  const isForKaniko = kaniko !== undefined;
  const upgradedBuild = defined({
    ...without(build, 'dockerfile', 'context', 'options'),
    kaniko: isForKaniko ? withKeys(kaniko, { options: build.options }) : undefined,
    docker: isForKaniko ? docker : withKeys(docker, { options: build.options }),
  });
  return defined({
    ...without(image, 'insecure', 'skipPush'),
    dockerfile: build.dockerfile,
    context: build.context,
    build: Object.keys(upgradedBuild).length > 0 || image.build !== undefined ? upgradedBuild : undefined,
  });
}

/** The map with these keys, as far as they have a value; made when there is something to keep. */
function withKeys(map: Data | undefined, keys: Data): Data | undefined {
  const values = defined(keys);
  return map === undefined && Object.keys(values).length === 0 ? undefined : { ...map, ...values };
}
