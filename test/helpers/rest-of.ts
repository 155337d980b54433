import { createRest, type Rest } from '../../src/kube/rest.ts';
import { certificate } from './certificate.ts';

/** Requests to a test server, with its certificate and a token. */
export function restOf(server: string): Rest {
  return createRest({
    server,
    authorize: async () => ({ tls: { ca: certificate.cert }, headers: { authorization: 'Bearer test-token' } }),
  });
}
