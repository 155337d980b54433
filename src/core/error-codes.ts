/**
 * Every error code, once: what it means and what to do. `docs/errors.md` is generated from this table.
 *
 * Exit codes: 1 the command could not do its work, 2 the configuration or the command line is wrong, 130 the user
 * cancelled. A remote command's own exit code is passed on as it is.
 */
export interface ErrorDescription {
  readonly exitCode: 1 | 2;
  /** What happened, in one sentence. */
  readonly cause: string;
  /** What the user can do about it. */
  readonly remedy: string;
}

export const errorCodes = {
  USAGE: {
    exitCode: 2,
    cause: 'The command line has an unknown command, flag or value.',
    remedy: 'See `devspace --help` or `devspace COMMAND --help`.',
  },
  CONFIG_NOT_FOUND: {
    exitCode: 2,
    cause: 'There is no `devspace.yaml` in this folder or above it.',
    remedy: 'Change to the project folder, or name the file with `--config`.',
  },
  CONFIG_INVALID: {
    exitCode: 2,
    cause: 'The configuration has mistakes; each is listed with file, line, column and key.',
    remedy: 'Correct the lines that are named.',
  },
  CONFIG_VARIABLE: {
    exitCode: 2,
    cause: 'A variable of the configuration has no value, a value of the wrong kind, or its command failed.',
    remedy: 'Give the value with `--var NAME=VALUE`.',
  },
  CONFIG_PROFILE: {
    exitCode: 2,
    cause: 'A profile or a named configuration does not exist or cannot be used.',
    remedy: 'See `devspace list profiles` and `devspace list configs`.',
  },
  CONFIG_IMPORT: {
    exitCode: 2,
    cause: 'An imported file or repository is missing or does not fit the file that imports it.',
    remedy: 'Correct `path` or `git` of the import, and check the network.',
  },
  CONFIG_REQUIRE: {
    exitCode: 2,
    cause: 'The project needs another version of DevSpace or of another program.',
    remedy: 'Install the version that the message names.',
  },
  CONFIG_EDIT: {
    exitCode: 2,
    cause: 'The configuration file cannot be changed as asked.',
    remedy: 'Change the file by hand.',
  },
  STATE_UNWRITABLE: {
    exitCode: 1,
    cause: 'A choice or an answer could not be saved in the folder `.devspace` of the project.',
    remedy:
      'Make the folder `.devspace` writable. If a newer DevSpace wrote the state: use that version, or move the file away.',
  },
  HOOK_FAILED: {
    exitCode: 1,
    cause: 'A hook of the configuration failed, so the command stopped there.',
    remedy: 'Read the output of the hook above; run its command by hand, or set `disabled: true` at the hook.',
  },
  COMMAND_START: {
    exitCode: 1,
    cause: 'A command of the project could not be started on this machine.',
    remedy: 'Install the program that the message names, or correct `commands`.',
  },
  PROJECT_LOCKED: {
    exitCode: 1,
    cause: 'Another `devspace dev` runs in this project; two would disturb each other.',
    remedy: 'Use `devspace enter` for a further terminal, or stop the first one.',
  },
  CONTEXT_CHANGED: {
    exitCode: 1,
    cause: 'The project was used with another context before, and nobody was there to say that the new one is meant.',
    remedy:
      'Name the context with `--kube-context` or in the configuration, or allow it with `DEVSPACE_ALLOWED_CONTEXTS`.',
  },
  KUBE_CONFIG: {
    exitCode: 1,
    cause: 'There is no usable kubeconfig, or it lacks the context that was asked for.',
    remedy: 'Set `KUBECONFIG`, or name one of the listed contexts with `--kube-context`.',
  },
  KUBE_UNREACHABLE: {
    exitCode: 1,
    cause: 'The API server of the cluster did not answer.',
    remedy: 'Check that the cluster runs and that its address can be reached from here.',
  },
  KUBE_UNAUTHORIZED: {
    exitCode: 1,
    cause: 'The cluster does not accept the credentials of the kubeconfig.',
    remedy: 'Log in again with the tool of your cluster.',
  },
  KUBE_FORBIDDEN: {
    exitCode: 1,
    cause: 'Your account may not do this in the cluster.',
    remedy: 'Ask the administrator of the cluster for the verbs and resources that the message names.',
  },
  KUBE_NOT_FOUND: {
    exitCode: 1,
    cause: 'An object of the cluster is not there.',
    remedy: 'Check the name, the namespace and the context.',
  },
  KUBE_CONFLICT: {
    exitCode: 1,
    cause: 'Another writer owns fields of the object that is applied.',
    remedy: 'Remove the fields from your manifest, or from the other writer that the message names.',
  },
  KUBE_REJECTED: {
    exitCode: 1,
    cause: 'The cluster refused the request; its own words are in the message.',
    remedy: 'Correct what the message names.',
  },
  KUBE_STREAM: {
    exitCode: 1,
    cause: 'A stream to a container (exec or port-forward) could not be opened or broke.',
    remedy: 'Check that the pod still runs, then start the command again.',
  },
  CONTAINER_NOT_RUNNING: {
    exitCode: 1,
    cause: 'The container has not started yet, has ended, or its pod has no such container.',
    remedy: 'Look at the state of the pod, and at the log of the container.',
  },
  PORT_REFUSED: {
    exitCode: 1,
    cause: 'No program listens on this port of the container.',
    remedy: 'Check the container port in `devspace.yaml`, and that the program has started.',
  },
  TARGET_NOT_FOUND: {
    exitCode: 1,
    cause: 'No running pod and container fits the selector.',
    remedy: 'Check the selector in `devspace.yaml` and that the deployment made the pod.',
  },
  DOCKER_UNREACHABLE: {
    exitCode: 1,
    cause: 'No Docker Engine answers.',
    remedy: 'Start Docker, or set `DOCKER_HOST` to the engine that should build.',
  },
  DOCKER_CREDENTIALS: {
    exitCode: 1,
    cause: "Docker's credentials could not be read: its config file is invalid or a credential helper failed.",
    remedy: 'Run `docker login` for the registry again.',
  },
  BUILD_FILE: {
    exitCode: 1,
    cause: 'The Dockerfile or the build context is missing or cannot be used.',
    remedy: 'Correct `dockerfile` or `context` of the image.',
  },
  BUILD_FAILED: {
    exitCode: 1,
    cause:
      'An instruction of the Dockerfile failed, or the custom command that builds the image; the message names it.',
    remedy: 'Correct the Dockerfile or the command; `docker build` or the command by hand shows the same failure.',
  },
  BUILD_POD: {
    exitCode: 1,
    cause: 'The pod that should build an image in the cluster could not start, or was taken away.',
    remedy:
      'Correct `kaniko` of the image (`image`, `initImage`, `resources` …), or start a Docker Engine that builds.',
  },
  PUSH_FAILED: {
    exitCode: 1,
    cause: 'The registry did not take the image.',
    remedy: 'Check the image name and run `docker login` for the registry.',
  },
  LOAD_FAILED: {
    exitCode: 1,
    cause: 'A program (kind, k3d or minikube) could not load an image into the cluster of this machine.',
    remedy: 'Try its call by hand, or push the images with `--skip-push-local-kube=false`.',
  },
  DEPLOY_MANIFEST: {
    exitCode: 1,
    cause: 'A manifest is missing or is not a Kubernetes object.',
    remedy: 'Correct the file that the message names.',
  },
  DEPLOY_KUSTOMIZE: {
    exitCode: 1,
    cause: 'A kustomization could not be built.',
    remedy: 'Install `kustomize` or `kubectl`, and try `kustomize build` in the folder by hand.',
  },
  HELM_MISSING: {
    exitCode: 1,
    cause: 'A chart needs the `helm` program, version 3 or newer, and it cannot be started.',
    remedy:
      'Install Helm 3 or 4 so that `helm version` works in this terminal, see https://helm.sh/docs/intro/install.',
  },
  HELM_CHART: {
    exitCode: 1,
    cause: 'A chart of Helm or its values cannot be read or fetched.',
    remedy: 'Correct `chart`, `values` or `valuesFiles` of the deployment, and check the network.',
  },
  HELM_FAILED: {
    exitCode: 1,
    cause: 'Helm could not install, upgrade or uninstall a release; its own words are in the message.',
    remedy: 'Correct what Helm names, then run `devspace deploy` again.',
  },
  DEPLOY_FAILED: {
    exitCode: 1,
    cause: 'What was deployed cannot become ready; the message has the cause in the cluster.',
    remedy: 'Correct the cause, then run `devspace deploy` again.',
  },
  DEPLOY_TIMEOUT: {
    exitCode: 1,
    cause: 'What was deployed did not become ready before the deadline.',
    remedy: 'Raise `--timeout`, or look at the pods that the message names.',
  },
  PAGE_SILENT: {
    exitCode: 1,
    cause: 'The page that was to be opened did not answer in time.',
    remedy: 'Look at `devspace logs`, or wait longer with `--timeout`.',
  },
  PORT_UNAVAILABLE: {
    exitCode: 1,
    cause: 'A local port cannot be opened.',
    remedy: 'Stop the program that uses it, or change `port` in `dev.ports`.',
  },
  REVERSE_TOOLS: {
    exitCode: 1,
    cause: 'The container has no program that could listen for connections to this machine.',
    remedy: 'Use an image with `sh` and one of `python3`, `perl` and `node`, or take `reversePorts` away.',
  },
  SYNC_PATH: {
    exitCode: 1,
    cause: 'A folder that should be synchronised is missing or may not be used.',
    remedy: 'Correct `localSubPath` or `containerPath`.',
  },
  SYNC_TOOLS: {
    exitCode: 1,
    cause: 'The container lacks a program that synchronisation needs.',
    remedy: 'Use an image with `sh`, `tar`, `find` and `stat`.',
  },
  SYNC_HALTED: {
    exitCode: 1,
    cause: 'Synchronisation stopped because going on could delete files that you want to keep.',
    remedy: 'Look at both folders. If the loss was meant, start again; else bring the folder back first.',
  },
  SYNC_HOOK: {
    exitCode: 1,
    cause: 'A command that runs after an upload failed, and its entry says that this ends the synchronisation.',
    remedy: 'Correct the command under `onUpload`, or take `failOnError` away.',
  },
  SYNC_ANSWER: {
    exitCode: 1,
    cause: 'A container answered again and again what is no listing of its files.',
    remedy: 'Look at the programs `find` and `stat` of the container; no file was changed.',
  },
  SYNC_FAILED: {
    exitCode: 1,
    cause: 'Synchronisation stopped.',
    remedy: 'Correct the cause in the message, then start again; no file is lost.',
  },
  TERMINAL_SHELL: {
    exitCode: 1,
    cause: 'The container has neither the command that was asked for nor a shell.',
    remedy: 'Name a command that the image has: `devspace enter -- COMMAND`.',
  },
  EMBEDDED_UNAVAILABLE: {
    exitCode: 1,
    cause: 'This machine cannot run containers of the embedded cluster; the message says what is missing.',
    remedy: 'Install what is missing, or set `KUBECONFIG` and `DOCKER_HOST` to a real cluster and engine.',
  },
  EMBEDDED_RUNNING: {
    exitCode: 1,
    cause: 'Another process runs the embedded cluster of the same folder.',
    remedy: 'Use that one, or stop it with `devspace embedded stop`.',
  },
  INTERNAL: {
    exitCode: 1,
    cause: 'A mistake in DevSpace itself.',
    remedy: 'Run again with `--debug` and report what it prints.',
  },
} as const satisfies Record<string, ErrorDescription>;

export type ErrorCode = keyof typeof errorCodes;
