import { UserError } from '../../core/errors.ts';
import { refusalOf } from '../errors.ts';
import type { Rest, RestRequest, Upgraded } from '../rest.ts';
import { type KnownTransports, noKnownTransports } from './known-transports.ts';
import { webSocketHeaders } from './web-socket.ts';

export interface StreamRequest {
  readonly subresource: 'exec' | 'attach' | 'portforward';
  readonly path: string;
  readonly query: RestRequest['query'] & {};
  /** Whether the end of the input must reach the process, which version 4 of the channels cannot tell. */
  readonly endsStdin: boolean;
  readonly attempt: string;
  readonly signal: AbortSignal;
}

export interface Negotiated {
  readonly upgraded: Upgraded;
  readonly transport: Transport;
}

type Transport = 'spdy' | 'websocket';

/** Opens streams to a server, in the way that it and the account allow. */
export interface Negotiation {
  readonly rest: Rest;
  open(request: StreamRequest): Promise<Negotiated>;
}

const v4 = 'v4.channel.k8s.io';
const v5 = 'v5.channel.k8s.io';
/** SPDY inside a WebSocket; servers have it from 1.31 on. */
const tunnel = 'SPDY/3.1+portforward.k8s.io';

interface Way {
  readonly transport: Transport;
  readonly protocols: readonly string[];
}

/**
 * WebSocket first, then SPDY, as kubectl does it; what a server has taken is remembered for as long as we run, and that
 * it wants SPDY also by the next runs. Which ways there are, and why in this order:
 * `docs/decisions/0008-stream-transports.md`.
 */
export function createNegotiation(rest: Rest, known: KnownTransports = noKnownTransports): Negotiation {
  const taken = new Map<string, Way>();
  return {
    rest,
    async open(request) {
      const key = `${request.subresource} ${request.endsStdin}`;
      const refusals: { way: Way; error: UserError }[] = [];
      for (const way of waysFor(request, taken.get(key) ?? (known.needsSpdy(key) ? spdyFor(request) : undefined))) {
        try {
          const upgraded = await rest.upgrade(toRequest(request, way));
          taken.set(key, way);
          known.took(key, way.transport);
          return { upgraded, transport: way.transport };
        } catch (error) {
          if (!(error instanceof UserError) || !mayTryAnother(error)) throw error;
          refusals.push({ way, error });
        }
      }
      throw summary(request, refusals);
    },
  };
}

const spdyFor = ({ subresource }: StreamRequest): Way => ({
  transport: 'spdy',
  protocols: subresource === 'portforward' ? ['portforward.k8s.io'] : [v4],
});

/** Pure: in which order the ways are tried; the one that was taken before comes first. */
export function waysFor(request: StreamRequest, taken?: Way): Way[] {
  const { subresource, endsStdin } = request;
  const spdy = spdyFor(request);
  const first: Way = {
    transport: 'websocket',
    protocols: subresource === 'portforward' ? [tunnel] : endsStdin ? [v5] : [v5, v4],
  };
  const ways = [first, spdy];
  if (subresource !== 'portforward' && endsStdin) ways.push({ transport: 'websocket', protocols: [v4] });
  return taken
    ? [
        taken,
        ...ways.filter((way) => way.protocols.join() !== taken.protocols.join() || way.transport !== taken.transport),
      ]
    : ways;
}

function toRequest({ path, query, attempt, signal }: StreamRequest, { transport, protocols }: Way): RestRequest {
  if (transport === 'websocket') {
    return { method: 'GET', path, query, headers: webSocketHeaders(protocols), attempt, signal };
  }
  const headers = { connection: 'Upgrade', upgrade: 'SPDY/3.1', 'x-stream-protocol-version': protocols.join(', ') };
  return { method: 'POST', path, query, headers, attempt, signal };
}

/** Another way does not bring a pod back, nor a login. */
function mayTryAnother(error: UserError): boolean {
  const refusal = refusalOf(error);
  if (!refusal || error.code === 'CONTAINER_NOT_RUNNING') return false;
  return refusal.httpStatus !== 401 && !(refusal.httpStatus === 404 && refusal.status !== undefined);
}

/** The verb that a transport needs: a WebSocket is a GET, SPDY a POST (our reference, `streams.md` section 1.1). */
const verbs: Readonly<Record<Transport, string>> = { websocket: 'get', spdy: 'create' };

function summary(request: StreamRequest, refusals: readonly { way: Way; error: UserError }[]): UserError {
  const forbidden = refusals.filter(({ error }) => error.code === 'KUBE_FORBIDDEN' && refusalOf(error)?.status);
  const denied = new Set(forbidden.map(({ way }) => verbs[way.transport]));
  if (denied.size === 2) {
    const resource = `pods/${request.subresource}`;
    const words = forbidden[0]?.error.message ?? request.attempt;
    return new UserError('KUBE_FORBIDDEN', `${words} (refused with both verbs, get and create, on ${resource})`, {
      hint: `Ask the administrator of the cluster for the verbs get and create on ${resource}.`,
    });
  }
  // SPDY is known to every server, so its answer is about the request and not about the protocol
  const last = refusals.find(({ way }) => way.transport === 'spdy') ?? refusals.at(-1);
  return last?.error ?? new UserError('KUBE_STREAM', request.attempt);
}
