/** A deployment `app` of a BusyBox that only waits, as JSON; with more for its pod and its container. */
export const busyboxDeployment = ({
  pod = {},
  container = {},
}: {
  readonly pod?: object;
  readonly container?: object;
} = {}): string =>
  JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'app' },
    spec: {
      selector: { matchLabels: { app: 'app' } },
      template: {
        metadata: { labels: { app: 'app' } },
        spec: {
          terminationGracePeriodSeconds: 0,
          ...pod,
          containers: [
            {
              name: 'app',
              image: 'busybox:1',
              imagePullPolicy: 'IfNotPresent',
              command: ['sleep', '9999999'],
              ...container,
            },
          ],
        },
      },
    },
  });

/** A container `app` that runs a program of Node.js, and is ready once that listens on port 3000. */
export const nodeContainer = (program: string) => ({
  name: 'app',
  image: 'node:20',
  imagePullPolicy: 'IfNotPresent',
  command: ['node', '-e', program],
  readinessProbe: { tcpSocket: { port: 3000 }, periodSeconds: 1 },
});
