/**
 * Runs as a Node.js process inside the network namespace of a pod, in CommonJS because it is given by `node -e`.
 * Arguments: folder of its sockets. It serves `in.sock`: the first line is a port, the answer is `ok` or an error code
 * and then the bytes of the connection. Standard input brings one JSON list of `{ip, port}` per line: where to listen;
 * each connection there goes to `out.sock` with the first line `ip port`. It ends with its standard input.
 */
export const relayProgram = String.raw`
const net = require('node:net');
const { execFileSync } = require('node:child_process');
const readline = require('node:readline');
process.chdir(process.argv[1]);
const couple = (a, b) => {
  for (const [from, to] of [[a, b], [b, a]]) {
    from.on('error', () => to.destroy());
    from.on('close', () => { if (!from.readableEnded) to.destroy(); });
    from.pipe(to);
  }
};
const open = { allowHalfOpen: true, pauseOnConnect: false };
net.createServer(open, (socket) => {
  let head = Buffer.alloc(0);
  socket.on('error', () => {});
  const onData = (chunk) => {
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf(10);
    if (end < 0) return;
    socket.off('data', onData);
    socket.pause();
    const port = Number(head.subarray(0, end));
    const dial = (host, refuse) => {
      const target = net.connect({ host, port, allowHalfOpen: true });
      target.once('error', refuse);
      socket.once('close', () => target.destroy());
      target.once('connect', () => {
        target.off('error', refuse);
        socket.removeAllListeners('close');
        socket.write('ok\n');
        if (end + 1 < head.length) target.write(head.subarray(end + 1));
        couple(socket, target);
      });
    };
    // as container runtimes do it: first the old addresses, then the new ones
    dial('127.0.0.1', (error) => dial('::1', () => socket.end(error.code + '\n')));
  };
  socket.on('data', onData);
}).listen('in.sock', () => process.stdout.write('ready\n'));

const listeners = new Map();
const addAddress = (ip) => {
  for (const [file, ...args] of [['ip', 'addr', 'add', ip + '/32', 'dev', 'lo'], ['busybox', 'ip', 'addr', 'add', ip + '/32', 'dev', 'lo']]) {
    try { execFileSync(file, args, { stdio: 'ignore' }); return; } catch {}
  }
};
readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const wanted = new Map(JSON.parse(line).map(({ ip, port }) => [ip + ' ' + port, { ip, port }]));
  for (const [key, server] of listeners) if (!wanted.has(key)) { server.close(); listeners.delete(key); }
  const opened = [];
  for (const [key, { ip, port }] of wanted) {
    if (listeners.has(key)) continue;
    if (!ip.startsWith('127.')) addAddress(ip);
    const server = net.createServer(open, (socket) => {
      const way = net.connect({ path: 'out.sock', allowHalfOpen: true });
      way.write(key + '\n');
      couple(socket, way);
    });
    server.on('error', () => listeners.delete(key));
    opened.push(new Promise((resolve) => server.once('listening', resolve).once('error', resolve)));
    server.listen({ host: ip, port });
    listeners.set(key, server);
  }
  Promise.all(opened).then(() => process.stdout.write('listening\n'));
}).on('close', () => process.exit(0));
`;
