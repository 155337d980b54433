'use strict';

/** Stands in for `node-fetch` in the bundle: of it the library needs one class, where it fetches, which we do not. */
Object.defineProperty(exports, 'Headers', { enumerable: true, get: () => globalThis.Headers });
