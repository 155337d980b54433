import { type KubeObject, timestamp } from '../api/objects.ts';
import { StatusError } from '../api/status.ts';
import { type Objects, randomSuffix } from '../api/write.ts';

export interface Recorder {
  /** Writes an Event about the object, or counts up the one that says the same. */
  record(
    about: KubeObject,
    event: { type: 'Normal' | 'Warning'; reason: string; message: string; fieldPath?: string },
  ): void;
}

/** How many different events are remembered for counting. */
const remembered = 2000;

export function createRecorder(objects: Objects, component: string): Recorder {
  const resource = objects.resources.builtIn('events');
  const known = new Map<string, string>();
  return {
    record(about, { type, reason, message, fieldPath }) {
      const namespace = about.metadata.namespace ?? 'default';
      const id = [about.metadata.uid, type, reason, message].join(' ');
      const now = timestamp();
      const name = known.get(id);
      if (name !== undefined && objects.get(resource, { namespace, name })) {
        const change = (event: KubeObject) => {
          event['count'] = Number(event['count'] ?? 1) + 1;
          event['lastTimestamp'] = now;
        };
        objects.edit(resource, { namespace, name }, { manager: component, change });
        return;
      }
      const fresh = `${about.metadata.name}.${Date.now().toString(16)}${randomSuffix(5)}`;
      known.set(id, fresh);
      if (known.size > remembered) known.delete(known.keys().next().value ?? '');
      const { kind, apiVersion } = about;
      const { uid = '', resourceVersion = '' } = about.metadata;
      const involvedObject = {
        kind,
        namespace: about.metadata.namespace ?? '',
        name: about.metadata.name,
        uid,
        apiVersion,
        resourceVersion,
      };
      const event: KubeObject = {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: fresh, namespace },
        involvedObject: { ...involvedObject, ...(fieldPath ? { fieldPath } : {}) },
        reason,
        message,
        source: { component, ...(component === 'kubelet' ? { host: 'embedded' } : {}) },
        firstTimestamp: now,
        lastTimestamp: now,
        count: 1,
        type,
        eventTime: null,
        reportingComponent: component,
        reportingInstance: component === 'kubelet' ? 'embedded' : '',
      };
      try {
        objects.create(resource, event, { manager: component });
      } catch (error) {
        // A namespace that is being deleted takes no more events.
        if (!(error instanceof StatusError)) throw error;
      }
    },
  };
}
