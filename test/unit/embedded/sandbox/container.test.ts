import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PodSandbox } from '../../../../src/embedded/sandbox/sandbox.ts';
import {
  finish,
  openSandboxBench,
  runScript,
  type SandboxBench,
  startIdle,
  textOf,
  until,
} from '../../../helpers/sandbox-bench.ts';

let bench: SandboxBench;
let pod: PodSandbox;
beforeAll(async () => {
  bench = await openSandboxBench();
  pod = await bench.pod();
});
afterAll(() => bench.close());

describe('a container', () => {
  test('has its own output streams, exit code, environment, folder and host name', async () => {
    const script = 'echo "$GREETING in $PWD on $(hostname)"; echo wrong >&2; exit 7';
    const options = { env: { GREETING: "it's $HOME", 'dotted.name': 'x' }, workingDir: '/srv/made' };
    expect(await runScript(bench, pod, script, options)).toEqual({
      stdout: "it's $HOME in /srv/made on web-0\n",
      stderr: 'wrong\n',
      exitCode: 7,
    });
  });

  test('sees exactly its environment', async () => {
    const command = ['env', '-0'];
    const options = {
      id: 'env',
      image: bench.image,
      command,
      env: { A: 'two\nlines', 'dotted.name': '1' },
      signal: bench.signal,
    };
    const { stdout } = await finish(await pod.startContainer(options));
    expect(stdout.split('\0').filter(Boolean).sort()).toEqual([
      'A=two\nlines',
      'HOME=/root',
      'HOSTNAME=web-0',
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      'dotted.name=1',
    ]);
  });

  test('may open its standard streams again, as nginx does with its logs', async () => {
    const result = await runScript(bench, pod, 'echo out >/dev/stdout; echo err >/dev/stderr; cat /dev/null');
    expect(result).toEqual({ stdout: 'out\n', stderr: 'err\n', exitCode: 0 });
  });

  test('is process 1 and takes all its processes with it', async () => {
    const { stdout } = await runScript(bench, pod, 'echo $$; sleep 1000 & ls -d /proc/[0-9]* | wc -l');
    expect(stdout.split('\n')[0]).toBe('1');
    expect(Number(stdout.split('\n')[1])).toBeLessThan(6);
  });

  test('tells the signal that killed it as 128 + signal and nothing on its output', async () => {
    const container = await pod.startContainer({
      id: 'killed',
      image: bench.image,
      command: ['sleep', '1000'],
      signal: bench.signal,
    });
    container.kill('SIGKILL');
    expect(await finish(container)).toEqual({ stdout: '', stderr: '', exitCode: 137 });
    container.kill('SIGKILL');
    await expect(container.exec({ command: ['true'], signal: bench.signal })).rejects.toMatchObject({
      code: 'NOT_RUNNING',
    });
  });

  test('gets SIGTERM and can answer it', async () => {
    const command = ['sh', '-c', 'trap "echo bye; exit 3" TERM; echo up; while :; do sleep 0.02; done'];
    const container = await pod.startContainer({ id: 'term', image: bench.image, command, signal: bench.signal });
    await new Promise((resolve) => container.stdout.once('readable', resolve));
    container.kill('SIGTERM');
    expect(await finish(container)).toMatchObject({ stdout: 'up\nbye\n', exitCode: 3 });
  });

  test("runs the image's command, or what replaces it as in Kubernetes", async () => {
    const image = { ...bench.image, config: { Entrypoint: ['echo', 'entry'], Cmd: ['cmd'] } };
    const run = async (id: string, options: object) =>
      (await finish(await pod.startContainer({ id, image, signal: bench.signal, ...options }))).stdout;
    expect(await run('plain', {})).toBe('entry cmd\n');
    expect(await run('args', { args: ['mine'] })).toBe('entry mine\n');
    expect(await run('command', { command: ['echo', 'other'] })).toBe('other\n');
  });

  test.each([
    ['nothing-like-it', 'COMMAND_NOT_FOUND', 'exec: "nothing-like-it": executable file not found in $PATH'],
    ['/no/such', 'COMMAND_NOT_FOUND', 'exec: "/no/such": stat /no/such: no such file or directory'],
    ['/etc/passwd', 'COMMAND_NOT_EXECUTABLE', 'exec: "/etc/passwd": permission denied'],
  ])('that cannot run %s says %s', async (program, code, words) => {
    const start = pod.startContainer({
      id: `bad-${code}-${program.length}`,
      image: bench.image,
      command: [program],
      signal: bench.signal,
    });
    await expect(start).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
  });

  test('sees itself as the user it was given', async () => {
    const { stdout } = await runScript(bench, pod, 'id -u; id -g; whoami; echo $HOME; touch /tmp/mine && echo writes', {
      user: 'node',
    });
    expect(stdout).toBe('1000\n1000\nnode\n/home/node\nwrites\n');
    expect((await runScript(bench, pod, 'id -u; id -g', { user: '4711:12' })).stdout).toBe('4711\n12\n');
    const container = await startIdle(bench, pod, { user: '1000' });
    const execs = Array.from({ length: 5 }, () =>
      container.exec({ command: ['id', '-u'], signal: bench.signal }).then(finish),
    );
    expect((await Promise.all(execs)).map((result) => result.stdout)).toEqual(Array(5).fill('1000\n'));
    await container.remove();
    await expect(runScript(bench, pod, 'true', { user: 'stranger' })).rejects.toMatchObject({ code: 'USER_NOT_FOUND' });
  });

  test('that is cancelled while it starts leaves nothing', async () => {
    const cancel = new AbortController();
    const start = pod.startContainer({
      id: 'cancelled',
      image: bench.image,
      command: ['sleep', '1000'],
      signal: cancel.signal,
    });
    cancel.abort();
    await expect(start).rejects.toThrow();
    expect(existsSync(path.join(bench.folder, 'pods', pod.id, 'cancelled'))).toBe(false);
  });
});

describe('the root of a container', () => {
  test('can be written, also between the programs, and nothing of it reaches the machine', async () => {
    const script =
      'for f in /x /usr/bin/embedded-test /usr/local/bin/embedded-test /etc/embedded-test /tmp/embedded-test; do echo 1 >$f || echo "not $f"; done; rm /usr/bin/env && ls /usr/bin/env 2>&1';
    const { stdout } = await runScript(bench, pod, script);
    expect(stdout).toContain('No such file');
    expect(stdout).not.toContain('not /');
    for (const file of [
      '/x',
      '/usr/bin/embedded-test',
      '/usr/local/bin/embedded-test',
      '/etc/embedded-test',
      '/tmp/embedded-test',
    ]) {
      expect(existsSync(file)).toBe(false);
    }
    expect(existsSync('/usr/bin/env')).toBe(true);
    expect((await runScript(bench, pod, 'ls /usr/bin/env')).exitCode).toBe(0);
  });

  test('shows nothing else of the machine', async () => {
    const secret = path.join(bench.folder, 'secret');
    writeFileSync(secret, 'secret');
    const script = `cat ${secret} /proc/1/root${secret} /proc/1/cwd${secret} 2>&1; ls -A /root /home/node /state /machine-proc 2>&1; cat /etc/shadow 2>&1; grep -c . /proc/mounts; grep -E "${bench.folder}|/machine-proc|/state" /proc/mounts`;
    const { stdout } = await runScript(bench, pod, script);
    expect(stdout).not.toMatch(/^secret/m);
    expect(stdout.match(/No such file/g)?.length).toBe(6);
  });

  test("cannot be left by mounting, and the kernel's settings cannot be written", async () => {
    const script = `umount -l / ; umount /proc; umount /usr; umount /dev/null
      for f in /proc/sys/kernel/core_pattern /proc/sys/kernel/hostname /proc/sysrq-trigger /proc/sys/vm/drop_caches; do echo x >$f && echo "wrote $f"; done
      mount -o remount,rw /proc/sys && echo remounted
      mkdir /p; mount -t proc proc /p && echo x >/p/sys/kernel/core_pattern && echo "wrote by another proc"
      mkdir /deep; chroot /deep true; ls /usr/bin/env`;
    const before = readFileSync('/proc/sys/kernel/core_pattern', 'utf8');
    const { stdout } = await runScript(bench, pod, script);
    expect(stdout).not.toMatch(/wrote|remounted/);
    expect(readFileSync('/proc/sys/kernel/core_pattern', 'utf8')).toBe(before);
  });

  test('cannot be left by an image that brings its own tools for making the sandbox', async () => {
    const layer = path.join(bench.folder, 'evil-layer');
    mkdirSync(path.join(layer, 'usr/bin'), { recursive: true });
    const evil = `#!/bin/dash
exec >>/report 2>&1
echo "called as $0"
# the way over dev leads to the root that containers are made from, while that is still mounted
for place in . / dev/..; do
  for view in state machine-proc; do ls -A $place/$view | sed 's/^/seen: /'; done
  touch $place/usr/evil-embedded
done
mount -o remount,bind,rw dev/../usr
touch dev/../usr/evil-embedded && echo written
cat /proc/mounts
`;
    // the first program of the image that runs, while the root is being exchanged
    writeFileSync(path.join(layer, 'usr/bin/umount'), evil, { mode: 0o755 });
    const image = { ...bench.image, layers: [layer] };
    const command = ['/usr/bin/env'];
    const container = await pod.startContainer({ id: 'evil', image, command, signal: bench.signal, user: '0' });
    await finish(container);
    const report = readFileSync(path.join(bench.folder, 'pods', pod.id, 'evil/writable/root/report'), 'utf8');
    expect(report).toContain('called as /usr/bin/umount');
    expect(report).not.toMatch(/^(seen|written)/m);
    expect(report).not.toContain(bench.folder);
    expect(existsSync('/usr/evil-embedded')).toBe(false);
  });

  test('has the usual devices', async () => {
    const script =
      'head -c 3 /dev/zero | wc -c; head -c 3 /dev/urandom | wc -c; echo x >/dev/null; echo x >/dev/shm/a; ls -d /dev/pts /dev/fd /dev/ptmx; tty';
    expect((await runScript(bench, pod, script)).stdout).toBe('3\n3\n/dev/fd\n/dev/ptmx\n/dev/pts\nnot a tty\n');
  });

  test('is read-only if asked for, but for its mounts', async () => {
    const data = path.join(bench.folder, 'data-ro');
    mkdirSync(data);
    const mounts = [{ source: data, target: '/data', readOnly: false }];
    const script = 'echo 1 >/x; echo 1 >/usr/x; echo 1 >/data/x; echo 1 >/dev/shm/x; cat /data/x';
    const { stdout, stderr } = await runScript(bench, pod, script, { rootFilesystem: 'read-only', mounts });
    expect(stdout).toBe('1\n');
    expect(stderr.match(/Read-only file system/g)?.length).toBe(2);
  });
});

describe('a mount', () => {
  test('shows folders and files, read-only if asked for', async () => {
    const source = path.join(bench.folder, 'volume');
    mkdirSync(source);
    writeFileSync(path.join(source, 'key'), 'value');
    const mounts = [
      { source, target: '/config/deep', readOnly: true },
      { source: path.join(source, 'key'), target: '/etc/one-key', readOnly: true },
      { source, target: '/shared', readOnly: false },
    ];
    const script =
      'cat /config/deep/key /etc/one-key; echo 1 >/config/deep/x; echo 1 >/etc/one-key; echo new >/shared/new';
    const { stdout, stderr } = await runScript(bench, pod, script, { mounts });
    expect(stdout).toBe('valuevalue');
    expect(stderr.match(/Read-only file system/g)?.length).toBe(2);
    expect(readFileSync(path.join(source, 'new'), 'utf8')).toBe('new\n');
  });

  test('goes where a link of the image leads inside the container, not on the machine', async () => {
    const source = path.join(bench.folder, 'token');
    mkdirSync(source);
    writeFileSync(path.join(source, 'token'), 'abc');
    const mounts = [{ source, target: '/var/run/secrets/embedded-test', readOnly: true }];
    expect((await runScript(bench, pod, 'cat /run/secrets/embedded-test/token', { mounts })).stdout).toBe('abc');
    expect(existsSync('/run/secrets/embedded-test')).toBe(false);
  });

  test('has its source inside the state folder', async () => {
    const link = path.join(bench.folder, 'link');
    symlinkSync('/etc', link);
    for (const source of ['/etc', link, path.join(bench.folder, '..'), path.join(bench.folder, 'missing')]) {
      const mounts = [{ source, target: '/data', readOnly: true }];
      await expect(runScript(bench, pod, 'true', { mounts })).rejects.toMatchObject({ code: 'BAD_MOUNT' });
    }
    const mounts = [{ source: bench.folder, target: '/', readOnly: true }];
    await expect(runScript(bench, pod, 'true', { mounts })).rejects.toMatchObject({ code: 'BAD_MOUNT' });
  });
});

describe('exec', () => {
  test('brings input, tells output and exit code apart', async () => {
    const container = await startIdle(bench, pod, { env: { FROM: 'container' }, workingDir: '/opt' });
    const command = ['sh', '-c', 'cat /dev/stdin; pwd; echo $FROM $MORE; echo wrong >&2; exit 5'];
    const exec = await container.exec({ command, env: { MORE: 'exec' }, stdin: 'open', signal: bench.signal });
    const big = 'x'.repeat(300_000);
    exec.stdin?.end(big);
    expect(await finish(exec)).toEqual({ stdout: `${big}/opt\ncontainer exec\n`, stderr: 'wrong\n', exitCode: 5 });
    await expect(container.exec({ command: ['nope'], signal: bench.signal })).rejects.toMatchObject({
      code: 'COMMAND_NOT_FOUND',
    });
    await container.remove();
  });

  test('without input reads an end at once; is killed by a signal; ends with its container', async () => {
    const container = await startIdle(bench, pod);
    expect((await finish(await container.exec({ command: ['cat'], signal: bench.signal }))).exitCode).toBe(0);
    const killed = await container.exec({ command: ['sleep', '1000'], signal: bench.signal });
    killed.kill('SIGTERM');
    expect((await finish(killed)).exitCode).toBe(143);
    const left = await container.exec({ command: ['sleep', '1000'], signal: bench.signal });
    container.kill('SIGKILL');
    expect((await finish(left)).exitCode).toBe(137);
    await container.remove();
  });

  test('with a terminal has its size, hears of a new one, and passes the exit code', async () => {
    const container = await startIdle(bench, pod);
    const command = [
      'sh',
      '-c',
      'trap "stty size; exit 9" WINCH; stty size; tty; echo $TERM; while :; do sleep 0.02; done',
    ];
    const exec = await container.exec({ command, tty: { rows: 31, columns: 99 }, stdin: 'open', signal: bench.signal });
    let seen = '';
    exec.stdout.on('data', (chunk) => {
      seen += String(chunk);
    });
    await until(() => seen.includes('xterm'));
    await exec.resize({ rows: 45, columns: 120 });
    expect((await exec.exited).exitCode).toBe(9);
    await until(() => exec.stdout.readableEnded);
    expect(seen).toMatch(/^31 99\r\n\/dev\/pts\/\d+\r\nxterm\r\n45 120\r\n$/);
    expect(await textOf(exec.stderr)).toBe('');
    await exec.resize({ rows: 1, columns: 1 });
    await container.remove();
  });

  test('with a terminal reads what is typed after a resize with the new size', async () => {
    const container = await startIdle(bench, pod);
    const tty = { rows: 24, columns: 80 };
    const exec = await container.exec({ command: ['sh'], tty, stdin: 'open', signal: bench.signal });
    const output = textOf(exec.stdout);
    const resized: Promise<void>[] = [];
    for (const rows of [31, 32, 33]) {
      resized.push(exec.resize({ rows, columns: 100 }));
      exec.stdin?.write('echo "it is $(stty size)"\n');
    }
    exec.stdin?.write('exit\n');
    await Promise.all(resized);
    expect((await exec.exited).exitCode).toBe(0);
    const last = (await output).match(/it is \d+ \d+/g)?.at(-1);
    expect(last).toBe('it is 33 100');
    await container.remove();
  });

  test('with a terminal but without input waits for what is never typed', async () => {
    const command = ['sh', '-c', 'read line; echo "ended with $line"'];
    const options = { id: 'silent', image: bench.image, command, tty: { rows: 24, columns: 80 }, signal: bench.signal };
    const container = await pod.startContainer(options);
    const probe = await container.exec({
      command: ['sh', '-c', 'sleep 0.3; ls /proc | grep -c "^[0-9]"'],
      signal: bench.signal,
    });
    expect(Number((await finish(probe)).stdout)).toBeGreaterThan(3);
    container.kill('SIGKILL');
    expect(await finish(container)).toEqual({ stdout: '', stderr: '', exitCode: 137 });
  });

  test('with a terminal takes what is typed, Ctrl-C too', async () => {
    const container = await startIdle(bench, pod, { user: '1000' });
    const exec = await container.exec({
      command: ['sh'],
      tty: { rows: 24, columns: 80 },
      stdin: 'open',
      signal: bench.signal,
    });
    let seen = '';
    exec.stdout.on('data', (chunk) => {
      seen += String(chunk);
    });
    exec.stdin?.write('sh -c "printf %s-%s $(id -u) up; exec sleep 1000"\n');
    await until(() => seen.includes('1000-up'));
    exec.stdin?.write('\u0003');
    await until(() => seen.includes('^C'));
    exec.stdin?.write('echo still here; exit 4\n');
    expect((await exec.exited).exitCode).toBe(4);
    expect(seen).toContain('still here\r\n');
    await container.remove();
  });
});
