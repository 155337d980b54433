import type { Log } from '../../src/core/log.ts';
import { startHere } from './sync-runs.ts';

/** A synchronisation in a process of its own, which can be killed: LOCAL REMOTE STATE SHELL… */
const [local = '', remote = '', state = '', ...shell] = process.argv.slice(2);
const print = (message: string) => console.log(message);
const log: Log = {
  debug: () => {},
  info: print,
  done: print,
  warn: print,
  error: print,
  status: () => {},
  child: () => log,
};
const run = startHere({ local, remote, state, shell }, log);
await run.ready;
process.send?.('ready');
await run.ended;
