import type { KanikoBuild } from '../../config/types.ts';
import type { KubeObject } from '../../kube/objects.ts';

/** What is built, and the names that it has in the cluster for the time of the build. */
export interface KanikoRequest {
  /** Of the pod, and of the Secret with the login if one is made. */
  readonly name: string;
  /** Path of the Dockerfile in the context. */
  readonly dockerfile: string;
  /** Without a tag. */
  readonly image: string;
  readonly tags: readonly string[];
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly target?: string | undefined;
  readonly push: 'push' | 'no push';
  /** Secret with the login of the registry, and the key that holds it. */
  readonly login?: { readonly secret: string; readonly key: string } | undefined;
}

export const contextContainer = 'context';
export const buildContainer = 'kaniko';
export const contextFolder = '/context';
/** When this file is there, the context is complete. */
export const contextMark = '/tmp/devspace-context-complete';

const defaultImage = 'gcr.io/kaniko-project/executor:v1.23.2';
const defaultInitImage = 'busybox:1';
const defaultGenerateName = 'devspace-build-kaniko-';
/** How long the pod waits for a context, should nobody be there any more to send it or to delete the pod. */
const contextWithinSeconds = 1200;
const loginFolder = '/kaniko/.docker';

/** A name for the pod of one build; the ending makes it unique. */
export const podName = ({ generateName = defaultGenerateName }: KanikoBuild, ending: string): string =>
  `${generateName.toLowerCase()}${ending}`;

/**
 * Pure: the pod that builds one image. Its init container waits for the context; then kaniko builds what is in the folder,
 * and pushes it. Whatever ends the containers, they are not started again.
 */
export function planKanikoPod(kaniko: KanikoBuild, request: KanikoRequest): KubeObject {
  const { labels, annotations, nodeSelector, tolerations, serviceAccount, resources } = kaniko;
  const context = { name: 'context', mountPath: contextFolder };
  const { volumes, mounts } = planVolumes(kaniko, request.login);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: request.name,
      labels: { ...labels, 'devspace-build': 'true' },
      ...(annotations ? { annotations } : {}),
    },
    spec: {
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 3,
      ...(nodeSelector ? { nodeSelector } : {}),
      ...(tolerations ? { tolerations } : {}),
      ...(serviceAccount ? { serviceAccountName: serviceAccount } : {}),
      initContainers: [
        {
          name: contextContainer,
          image: kaniko.initImage ?? defaultInitImage,
          command: ['sh', '-c', waitForContext],
          ...withEnv(kaniko.initEnv),
          volumeMounts: [context],
          ...(resources ? { resources } : {}),
        },
      ],
      containers: [
        {
          name: buildContainer,
          image: kaniko.image ?? defaultImage,
          ...(kaniko.command ? { command: kaniko.command } : {}),
          args: planArgs(kaniko, request),
          ...withEnv(kaniko.env, kaniko.envFrom),
          volumeMounts: [context, ...mounts],
          ...(resources ? { resources } : {}),
        },
      ],
      volumes: [{ name: 'context', emptyDir: {} }, ...volumes],
    },
  };
}

const waitForContext = [
  'trap "exit 1" TERM',
  'i=0',
  `until [ -e ${contextMark} ]; do i=$((i+1)); [ $i -lt ${contextWithinSeconds} ] || exit 1; sleep 1; done`,
].join('\n');

function planArgs(kaniko: KanikoBuild, request: KanikoRequest): string[] {
  const { image, tags, target, buildArgs, push } = request;
  return [
    `--dockerfile=${contextFolder}/${request.dockerfile}`,
    `--context=dir://${contextFolder}`,
    ...(push === 'push' ? tags.map((tag) => `--destination=${image}:${tag}`) : ['--no-push']),
    `--snapshotMode=${kaniko.snapshotMode}`,
    ...(target === undefined ? [] : [`--target=${target}`]),
    ...Object.entries(buildArgs).map(([name, value]) => `--build-arg=${name}=${value}`),
    ...(kaniko.insecure ? ['--insecure', '--skip-tls-verify'] : []),
    ...(kaniko.cache ? ['--cache=true', `--cache-repo=${image}`] : []),
    ...kaniko.args,
  ];
}

function planVolumes({ additionalMounts }: KanikoBuild, login: KanikoRequest['login']) {
  const more = additionalMounts.map(({ volume, ...mount }, index) => ({
    volume: { name: `mount-${index}`, ...volume },
    mount: { name: `mount-${index}`, ...mount },
  }));
  const items = login && [{ key: login.key, path: 'config.json' }];
  return {
    volumes: [
      ...(login ? [{ name: 'login', secret: { secretName: login.secret, items } }] : []),
      ...more.map(({ volume }) => volume),
    ],
    mounts: [
      ...(login ? [{ name: 'login', mountPath: loginFolder, readOnly: true }] : []),
      ...more.map(({ mount }) => mount),
    ],
  };
}

function withEnv(env: KanikoBuild['env'] = {}, envFrom: KanikoBuild['envFrom'] = {}): { readonly env?: object[] } {
  const values = Object.entries(env).map(([name, value]) => ({ name, value }));
  const sources = Object.entries(envFrom).map(([name, valueFrom]) => ({ name, valueFrom }));
  return values.length + sources.length === 0 ? {} : { env: [...values, ...sources] };
}
