import { errorText } from '../../core/errors.ts';
import type { KubeObject } from '../api/objects.ts';
import type { Resource } from '../api/resources.ts';
import { StatusError } from '../api/status.ts';
import { type Objects, type Place, placeOf } from '../api/write.ts';

export interface ControllerOptions {
  readonly objects: Objects;
  /** The kind that is brought to its desired state. */
  readonly resource: Resource;
  /** Kinds whose changes concern it, and which objects they concern; names are in the namespace of the changed one. */
  readonly related?: readonly {
    readonly resource: Resource;
    readonly namesOf: (object: KubeObject) => readonly string[];
  }[];
  /** Does what is needed now; returns milliseconds after which to look again, if time alone changes things. */
  readonly reconcile: (place: Place) => number | undefined;
  readonly onError: (message: string) => void;
}

/** Calls `reconcile` for everything that may need it, one after the other, never inside the change that caused it. */
export function startController({
  objects,
  resource,
  related = [],
  reconcile,
  onError,
}: ControllerOptions): () => void {
  const waiting = new Map<string, Place>();
  const timers = new Map<string, NodeJS.Timeout>();
  let turn: NodeJS.Immediate | undefined;

  const add = (place: Place): void => {
    waiting.set(`${place.namespace}/${place.name}`, place);
    turn ??= setImmediate(work);
  };
  const later = (place: Place, ms: number): void => {
    const key = `${place.namespace}/${place.name}`;
    clearTimeout(timers.get(key));
    timers.set(
      key,
      setTimeout(() => {
        timers.delete(key);
        add(place);
      }, ms),
    );
  };
  const work = (): void => {
    turn = undefined;
    const batch = [...waiting.values()];
    waiting.clear();
    for (const place of batch) {
      try {
        const again = reconcile(place);
        if (again !== undefined) later(place, again);
      } catch (error) {
        if (!(error instanceof StatusError))
          onError(`${resource.plural} ${place.namespace}/${place.name}: ${errorText(error)}`);
        later(place, 1000);
      }
    }
  };

  const stops = [
    objects.watch(resource, ({ object }) => add(placeOf(object))),
    ...related.map(({ resource: kind, namesOf }) =>
      objects.watch(kind, ({ object, previous }) => {
        const names = new Set([...namesOf(object), ...(previous ? namesOf(previous) : [])]);
        for (const name of names) add({ namespace: object.metadata.namespace ?? '', name });
      }),
    ),
  ];
  for (const object of objects.list(resource)) add(placeOf(object));
  return () => {
    for (const stop of stops) stop();
    clearImmediate(turn);
    for (const timer of timers.values()) clearTimeout(timer);
  };
}

/** The name of the controller of this kind that owns the object. */
export function ownerNames(kind: string): (object: KubeObject) => string[] {
  return ({ metadata }) =>
    (metadata.ownerReferences ?? []).filter((owner) => owner.kind === kind && owner.controller).map(({ name }) => name);
}

export function isOwnedBy(object: KubeObject, owner: KubeObject): boolean {
  return (object.metadata.ownerReferences ?? []).some(({ uid }) => uid === owner.metadata.uid);
}
