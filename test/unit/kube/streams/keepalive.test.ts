import { Duplex } from 'node:stream';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { startKeepalive } from '../../../../src/kube/streams/keepalive.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A connection whose other side takes bytes or does not. */
function setUp(side: 'takes' | 'blocks', isServerAlive = async () => true) {
  const socket = new Duplex({ read: () => {}, write: (_chunk, _encoding, done) => void (side === 'takes' && done()) });
  socket.on('error', () => {});
  socket.resume();
  let pings = 0;
  const ping = () => {
    pings += 1;
  };
  const keepalive = startKeepalive({ socket, ping, isServerAlive });
  onTestFinished(() => keepalive.stop());
  return { socket, keepalive, pings: () => pings };
}

test('a side that says nothing although it is asked is dead within 35 seconds', async () => {
  const { socket, pings } = setUp('takes');
  await vi.advanceTimersByTimeAsync(25_000);
  expect([socket.destroyed, pings()]).toEqual([false, 2]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(socket.destroyed).toBe(true);
});

test('a side that answers lives', async () => {
  const { socket, keepalive } = setUp('takes');
  for (let i = 0; i < 20; i += 1) {
    await vi.advanceTimersByTimeAsync(10_000);
    keepalive.heard();
  }
  expect(socket.destroyed).toBe(false);
});

test('while we do not read, no answer can be seen', async () => {
  const { socket } = setUp('takes');
  socket.pause();
  await vi.advanceTimersByTimeAsync(300_000);
  expect(socket.destroyed).toBe(false);
});

test('a process that does not read its input is no dead server', async () => {
  const { socket } = setUp('blocks');
  socket.write('x');
  await vi.advanceTimersByTimeAsync(300_000);
  expect(socket.destroyed).toBe(false);
});

test('nor is one whose input has been taken by what lies between, but not read', async () => {
  const { socket, keepalive } = setUp('takes');
  keepalive.sent(100_000);
  await vi.advanceTimersByTimeAsync(15_000);
  // the process still prints
  keepalive.heard();
  await vi.advanceTimersByTimeAsync(300_000);
  expect(socket.destroyed).toBe(false);
});

test.each(['answered', 'only a few keys'])('but a side that falls silent after it was %s is dead', async (what) => {
  const { socket, keepalive } = setUp('takes');
  keepalive.sent(what === 'answered' ? 100_000 : 100);
  await vi.advanceTimersByTimeAsync(10_000);
  if (what === 'answered') keepalive.answered();
  keepalive.heard();
  await vi.advanceTimersByTimeAsync(35_000);
  expect(socket.destroyed).toBe(true);
});

test.each([
  ['does not answer', async () => false],
  ['cannot be asked', async () => Promise.reject(new Error('no'))],
])('a server that takes nothing and %s is dead within 35 seconds', async (_what, isServerAlive) => {
  const { socket } = setUp('blocks', isServerAlive);
  socket.write('x');
  await vi.advanceTimersByTimeAsync(35_000);
  expect(socket.destroyed).toBe(true);
});
