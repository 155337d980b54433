import { creditBytes, windowBytes } from './frames.ts';
import { silenceSeconds } from './listener-silence.ts';

/**
 * The listener for Python 2.7 and 3. Writing to us blocks, which stalls nobody: we always read. The alarm ends the
 * process, whatever it does, when we have not spoken for too long.
 */
export const pythonListener = `
import sys
sys.path[:] = [p for p in sys.path if p]
import errno, os, select, signal, socket, struct, time
ports, conns, last, inbox = {}, {}, [0], bytearray()
class Conn: pass
def send(kind, id, data=b''):
    out = struct.pack('>cII', kind, id, len(data)) + data
    while out: out = out[os.write(1, out):]
def listen(id, words):
    try:
        address, port = words.split(' ')
        family, _, _, _, where = socket.getaddrinfo(address, int(port), 0, socket.SOCK_STREAM)[0]
        s = socket.socket(family, socket.SOCK_STREAM)
        try:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6: s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            s.bind(where)
            s.listen(128)
        except Exception:
            s.close()
            raise
        s.setblocking(0)
        ports[s.fileno()] = (s, id)
        send(b'L', id)
    except Exception as e:
        send(b'E', id, errno.errorcode.get(getattr(e, 'errno', 0), str(e)).encode())
def accept(s, id):
    try: sock = s.accept()[0]
    except Exception: return time.sleep(0.02)
    sock.setblocking(0)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    c = Conn()
    last[0] += 1
    c.sock, c.id, c.buf, c.win, c.owed, c.eof, c.fin, c.shut = sock, last[0], bytearray(), ${windowBytes}, 0, 0, 0, 0
    conns[c.id] = c
    send(b'O', c.id, struct.pack('>I', id))
def forget(c):
    conns.pop(c.id, None)
    c.sock.close()
def reset(c):
    try: c.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    except Exception: pass
    forget(c)
def broke(c):
    send(b'C', c.id)
    reset(c)
def settle(c):
    if c.fin and not c.buf and not c.shut:
        c.shut = 1
        try: c.sock.shutdown(1)
        except Exception: return broke(c)
    if c.shut and c.eof: forget(c)
def read(c):
    data = c.sock.recv(32768)
    if data:
        c.win -= len(data)
        return send(b'D', c.id, data)
    c.eof = 1
    send(b'F', c.id)
    settle(c)
def write(c):
    n = c.sock.send(bytes(c.buf[:65536]))
    del c.buf[:n]
    c.owed += n
    if c.owed >= ${creditBytes}:
        send(b'W', c.id, struct.pack('>I', c.owed))
        c.owed = 0
    settle(c)
def attempt(step, c):
    try: step(c)
    except (OSError, IOError, socket.error) as e:
        if e.errno not in (errno.EAGAIN, errno.EINTR): broke(c)
def hear(kind, id, data):
    if kind == b'L': return listen(id, data.decode())
    c = conns.get(id)
    if not c: return
    if kind == b'D': c.buf += data
    elif kind == b'W': c.win += struct.unpack('>I', data)[0]
    elif kind == b'C': reset(c)
    elif kind == b'F':
        c.fin = 1
        settle(c)
while 1:
    signal.alarm(${silenceSeconds})
    while 1:
        poll = select.poll()
        poll.register(0, 1)
        byfd = {}
        for fd in ports: poll.register(fd, 1)
        for c in conns.values():
            mask = (1 if c.win > 0 and not c.eof else 0) | (4 if c.buf else 0)
            if mask:
                byfd[c.sock.fileno()] = c
                poll.register(c.sock.fileno(), mask)
        spoken = 0
        for fd, event in poll.poll():
            if fd == 0: spoken = 1
            elif fd in ports: accept(*ports[fd])
            elif fd in byfd:
                c = byfd[fd]
                if event & 4 and c.buf: attempt(write, c)
                if event & ~4 and c.id in conns and not c.eof: attempt(read, c)
        if spoken: break
    chunk = os.read(0, 65536)
    if not chunk: break
    inbox += chunk
    at = 0
    while len(inbox) - at >= 9:
        kind, id, size = struct.unpack('>cII', bytes(inbox[at:at + 9]))
        if len(inbox) - at < 9 + size: break
        hear(kind, id, bytes(inbox[at + 9:at + 9 + size]))
        at += 9 + size
    del inbox[:at]
`;
