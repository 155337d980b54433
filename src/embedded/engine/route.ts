import type { IncomingMessage, ServerResponse } from 'node:http';

export interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** What the first group of the path matched: the name of an image. */
  readonly name: string;
  readonly query: URLSearchParams;
  /** Aborts when the client goes away or the engine closes. */
  readonly signal: AbortSignal;
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: RegExp;
  handle(call: Call): Promise<void> | void;
}

/** Writes JSON lines; the status goes out with the first of them. */
export function openStream(response: ServerResponse): (message: unknown) => void {
  return (message) => {
    if (!response.headersSent) response.writeHead(200, { 'Content-Type': 'application/json' });
    if (!response.destroyed) response.write(`${JSON.stringify(message)}\r\n`);
  };
}

export function sendJson(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(`${JSON.stringify(value)}\n`);
}
