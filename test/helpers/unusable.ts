/**
 * An object of an interface that has the given members only: whatever else is used fails the test with its name, so
 * that no test passes because something was silently undefined.
 */
export function unusable<T extends object>(what: string, members: Partial<T>): T {
  return new Proxy(members as T, {
    get(target, name) {
      if (name in target) return Reflect.get(target, name) as unknown;
      // a promise that resolves with the object asks for it
      if (name === 'then' || typeof name === 'symbol') return undefined;
      throw new Error(`${what}.${name} was not expected to be used`);
    },
  });
}
