import { creditBytes, windowBytes } from './frames.ts';
import { silenceSeconds } from './listener-silence.ts';

/** The listener for Node.js 8 and newer. */
export const nodeListener = `
const net = require('net');
const conns = new Map();
let last = 0, inbox = Buffer.alloc(0);
const number = value => { const b = Buffer.alloc(4); b.writeUInt32BE(value, 0); return b; };
const send = (kind, id, data = Buffer.alloc(0)) => {
  const head = Buffer.alloc(9);
  head.write(kind, 0, 'latin1'); head.writeUInt32BE(id, 1); head.writeUInt32BE(data.length, 5);
  process.stdout.write(Buffer.concat([head, data]));
};
const quit = () => process.exit(0);
let timer = setTimeout(quit, ${silenceSeconds * 1000});
const accept = (socket, port) => {
  const id = ++last;
  const c = { socket, win: ${windowBytes}, owed: 0 };
  conns.set(id, c);
  socket.setNoDelay(true);
  send('O', id, number(port));
  socket.on('data', data => {
    c.win -= data.length;
    send('D', id, data);
    if (c.win <= 0) socket.pause();
  });
  socket.on('end', () => { c.eof = true; send('F', id); });
  socket.on('error', () => { if (conns.delete(id)) send('C', id); });
  socket.on('close', () => { if (conns.delete(id) && !(c.eof && c.fin)) send('C', id); });
};
const listen = (id, words) => {
  const [host, port] = words.split(' ');
  const server = net.createServer({ allowHalfOpen: true }, socket => accept(socket, id));
  server.on('error', error => send('E', id, Buffer.from(error.code || error.message)));
  server.listen({ host, port: Number(port), ipv6Only: true }, () => send('L', id));
};
const hear = (kind, id, data) => {
  if (kind === 'L') return listen(id, data.toString());
  const c = conns.get(id);
  if (!c) return;
  if (kind === 'D') c.socket.write(data, () => {
    c.owed += data.length;
    if (c.owed < ${creditBytes} || !conns.has(id)) return;
    send('W', id, number(c.owed)); c.owed = 0;
  });
  else if (kind === 'W') { c.win += data.readUInt32BE(0); if (c.win > 0) c.socket.resume(); }
  else if (kind === 'F') { c.fin = true; c.socket.end(); }
  else if (kind === 'C') {
    conns.delete(id);
    // Node.js 20 never closes a socket that is to be reset while its end is being sent
    if (c.fin || !c.socket.resetAndDestroy) c.socket.destroy(); else c.socket.resetAndDestroy();
  }
};
process.stdout.on('error', quit);
process.stdin.on('end', quit);
process.stdin.on('data', chunk => {
  clearTimeout(timer);
  timer = setTimeout(quit, ${silenceSeconds * 1000});
  inbox = inbox.length ? Buffer.concat([inbox, chunk]) : chunk;
  while (inbox.length >= 9 && inbox.length >= 9 + inbox.readUInt32BE(5)) {
    const end = 9 + inbox.readUInt32BE(5);
    hear(inbox.toString('latin1', 0, 1), inbox.readUInt32BE(1), Buffer.from(inbox.subarray(9, end)));
    inbox = inbox.subarray(end);
  }
});
`;
