import { expect, test } from 'vitest';
import { planPushRetry } from '../../../src/docker/push-retry.ts';

test.each([
  'received unexpected HTTP status: 503 Service Unavailable',
  'toomanyrequests: Rate exceeded',
  'Put "https://r.example/v2/a/blobs/1": net/http: TLS handshake timeout',
  'Get "https://r.example/v2/": dial tcp 10.0.0.1:443: i/o timeout',
  'read tcp 10.0.0.2:41>10.0.0.1:443: read: connection reset by peer',
  'Patch "https://r.example/v2/a/blobs/1": EOF',
])('%s is tried again, but not for ever', (words) => {
  const plans = [1, 2, 3, 4].map((tries) => planPushRetry(words, tries));
  expect(plans).toEqual(['try again', 'try again', 'try again', 'give up']);
});

test.each([
  'denied: requested access to the resource is denied',
  'unauthorized: authentication required',
  'no basic auth credentials',
  'An image does not exist locally with the tag: r.example/a',
  'dial tcp 127.0.0.1:5001: connect: connection refused',
  'name unknown: repository EOF-5000 not found',
])('%s is not tried again', (words) => {
  expect(planPushRetry(words, 1)).toBe('give up');
});
