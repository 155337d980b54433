/** Valid files of three eras, with a little of everything. */
export const seeds: readonly string[] = [
  `version: v1beta2
images:
  app: &app
    image: me/app
    tag: \${DEVSPACE_RANDOM}
    build:
      docker:
        options: {target: dev, buildArgs: {A: "1"}}
  web:
    <<: *app
    image: me/web
deployments:
- name: app
  component:
    containers:
    - image: me/app
      env: [{name: A, value: "x"}]
    service:
      ports: [{port: 80}]
- name: db
  helm:
    chart: {name: stable/mysql}
    values: {a: {b: [1, 2]}}
dev:
  selectors:
  - name: app
    labelSelector: {app: app}
  overrideImages:
  - name: app
    entrypoint: [sleep, "99"]
  ports:
  - selector: app
    forward: [{port: 8080, remotePort: 80}]
  sync:
  - selector: app
    localSubPath: ./
    containerPath: /app
    excludePaths: [node_modules/]
  terminal: {selector: app}
hooks:
- command: echo
  when: {before: {images: all}}
cluster: {namespace: mine}
`,
  `version: v1beta11
vars:
- name: REGISTRY
  default: localhost:5000
- name: TAG
  value: \${REGISTRY}-x
images:
  app:
    image: \${REGISTRY}/app
    tags: ["\${TAG}", "#####"]
    rebuildStrategy: ignoreContextChanges
deployments:
- name: app
  helm:
    componentChart: true
    values:
      containers: [{image: "\${REGISTRY}/app"}]
- name: more
  kubectl: {manifests: ["k8s/*.yaml"], kustomize: true}
dev:
  ports:
  - imageSelector: \${REGISTRY}/app
    forward: [{port: 8080}]
    reverseForward: [{port: 9000}]
  open: [{url: "http://localhost:8080"}]
  sync:
  - imageSelector: \${REGISTRY}/app
    excludePaths: [.git/]
    onUpload: {restartContainer: true}
  replacePods:
  - imageSelector: \${REGISTRY}/app
    patches: [{op: remove, path: "spec.containers[0].args"}]
  terminal: {imageSelector: "\${REGISTRY}/app"}
commands:
- name: hello
  command: echo hello
dependencies:
- name: other
  source: {path: ../other}
profiles:
- name: production
  description: For all
  patches:
  - {op: replace, path: "deployments.name=app.helm.values.replicas", value: 3}
  - {op: remove, path: "images.app.tags"}
- name: child
  parent: production
  merge: {images: {app: {dockerfile: ./D}}}
  activation: [{env: {CI: "true"}}]
hooks:
- events: [before:deploy]
  command: echo
  background: true
`,
  `version: v2beta1
name: demo
vars:
  IMAGE: me/app
  PORT: {value: 8080}
  MODE: {source: env, default: dev, options: [dev, prod]}
pipelines:
  dev: |-
    build_images --all
    start_dev app
  build: {run: "build_images --all", flags: [{name: fast, type: bool}]}
functions: {hello: "echo hello"}
images:
  app: {image: "\${IMAGE}", buildKit: {args: [--pull]}, skipPush: true}
deployments:
  app:
    helm:
      values: {containers: [{image: "\${IMAGE}"}], service: {ports: [{port: "$!{PORT}"}]}}
  db: {kubectl: {inlineManifest: "kind: Pod"}, namespace: other}
dev:
  app:
    imageSelector: \${IMAGE}
    ports: [{port: "8080:80"}]
    sync: [{path: "./:/app", excludePaths: [.git/]}]
    terminal: {}
    containers: {main: {container: main, logs: {}}}
pullSecrets: {one: {registry: example.com}}
profiles:
- name: p
  merge: {vars: {MODE: prod}}
  patches: [{op: add, path: "dev.app.open", value: [{url: "http://x"}]}]
hooks: [{events: ["after:deploy:app"], logs: {}, container: {labelSelector: {a: b}}}]
require: {devspace: ">= 1"}
`,
];
