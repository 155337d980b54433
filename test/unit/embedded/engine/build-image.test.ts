import { existsSync, readdirSync } from 'node:fs';
import { request } from 'node:http';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EngineBench, openEngineBench, toTar } from '../../../helpers/engine-bench.ts';
import { finish, until } from '../../../helpers/sandbox-bench.ts';

let bench: EngineBench;
beforeAll(async () => {
  bench = await openEngineBench();
});
afterAll(() => bench.close());

/** Runs a shell script in a container of the image. */
async function runIn(name: string, script: string) {
  const image = bench.store.resolveImage(name);
  if (!image) throw new Error(`no image ${name}`);
  const { signal } = new AbortController();
  const pod = await bench.sandbox.createPod({ id: `run-${process.hrtime.bigint()}`, hostname: 'run', signal });
  const container = await pod.startContainer({ id: 'c', image, command: ['sh', '-c', script], signal });
  const result = await finish(container);
  await pod.remove();
  return result;
}

describe('a build', () => {
  test('of several stages makes an image that runs', { timeout: 40_000 }, async () => {
    const dockerfile = `ARG BASE=node:20
FROM \${BASE} AS build
ARG BASE
WORKDIR /app
COPY package*.json src ./
RUN echo "from $BASE" > base.txt \\
  # a comment inside
  && chown -R node:node /app

FROM private.example.com/base:3 AS final
ARG WHO="you all"
ARG UNSET
ENV GREETING="hello \${WHO}" PLAIN=\${UNSET:-none}
LABEL "a.b"="c d" e=f
COPY --from=build --chown=node:node /app /srv/
COPY --from=0 /app/base.txt /app/a.* /several/
ADD data.tar.gz /data/
ADD not-an-archive /data/plain
SHELL ["/bin/sh", "-ec"]
RUN rm /srv/a.txt; mkdir -p /usr/src/app; echo tool > /usr/local/bin/tool
EXPOSE 8080 53/udp
VOLUME /var/data
WORKDIR /srv
WORKDIR sub
USER node
ENTRYPOINT ["sh", "-c"]
CMD ["id -un; pwd"]
`;
    const archive = await toBuffer(toTar({ 'in/file': 'unpacked' }));
    const log = await bench.build(
      {
        Dockerfile: dockerfile,
        'package.json': '{}',
        'package-lock.json': '{}',
        'src/a.txt': 'A',
        'src/deep/b.txt': 'B',
        'data.tar.gz': gzipSync(archive),
        'not-an-archive': 'plain',
      },
      { t: 'localhost:5000/me/app:1', buildargs: { WHO: 'world', STRANGE: '1' }, labels: { extra: 'label' } },
    );
    expect(log.error).toBeUndefined();
    expect(log.text).toContain('node:20 is not downloaded: the programs of this machine stand for it');
    expect(log.text).toContain('private.example.com/base:3 is not downloaded');
    expect(log.text).toContain('Step 6/24 : RUN echo "from $BASE" > base.txt   && chown -R node:node /app\n');
    expect(log.text).toContain('One or more build-args [STRANGE] were not consumed');
    expect(log.text).toMatch(/Successfully built [0-9a-f]{12}\nSuccessfully tagged localhost:5000\/me\/app:1\n$/);

    const inspection = await bench.docker.getImage('localhost:5000/me/app:1').inspect();
    expect(inspection.Id).toBe(log.id);
    expect(inspection.Config).toMatchObject({
      Env: expect.arrayContaining(['GREETING=hello world', 'PLAIN=none']),
      Labels: { 'a.b': 'c d', e: 'f', extra: 'label' },
      ExposedPorts: { '8080/tcp': {}, '53/udp': {} },
      Volumes: { '/var/data': {} },
      WorkingDir: '/srv/sub',
      User: 'node',
      Entrypoint: ['sh', '-c'],
      Cmd: ['id -un; pwd'],
    });
    const script =
      'cd /; cat srv/base.txt srv/deep/b.txt data/in/file data/plain usr/local/bin/tool; ls srv several; ls -d usr/src/app; echo $GREETING; id -un';
    expect((await runIn('localhost:5000/me/app:1', script)).stdout).toBe(
      'from node:20\nBunpackedplaintool\nseveral:\na.txt\nbase.txt\n\nsrv:\nbase.txt\ndeep\npackage-lock.json\npackage.json\nsub\nusr/src/app\nhello world\nnode\n',
    );
    expect(readdirSync(path.join(bench.folder, 'builds'))).toEqual([]);
    expect(readdirSync(path.join(bench.folder, 'pods'))).toEqual([]);
  });

  test('takes steps from the cache until an instruction or a file changes', { timeout: 40_000 }, async () => {
    const dockerfile = (text: string) => `FROM busybox\nCOPY package.json /\nRUN ${text}\nCOPY . /all/\n`;
    const steps = async (run: string, other: string, options = {}) => {
      const files = { Dockerfile: dockerfile(run), 'package.json': '{}', other };
      const { text, error, id } = await bench.build(files, options);
      expect(error).toBeUndefined();
      return { cached: text.match(/Using cache/g)?.length ?? 0, id };
    };
    const first = await steps('date +%N > /now', '1');
    expect(first.cached).toBe(0);
    expect(await steps('date +%N > /now', '1')).toEqual({ cached: 3, id: first.id });
    expect((await steps('date +%N > /now', '2')).cached).toBe(2);
    expect((await steps('date +%N > /now; true', '2')).cached).toBe(1);
    const anew = await steps('date +%N > /now', '1', { nocache: true });
    expect(anew.cached).toBe(0);
    expect(anew.id).not.toBe(first.id);
  });

  test('stops at the target', async () => {
    const Dockerfile = 'FROM busybox AS one\nENV A=1\nFROM busybox AS two\nRUN exit 1\n';
    const log = await bench.build({ Dockerfile }, { target: 'ONE', t: 'target:1' });
    expect(log.error).toBeUndefined();
    expect((await bench.docker.getImage('target:1').inspect()).Config.Env).toContain('A=1');
    await expect(bench.build({ Dockerfile }, { target: 'three' })).rejects.toMatchObject({
      statusCode: 400,
      message: expect.stringContaining('failed to reach build target three in Dockerfile'),
    });
  });

  test('copies as Docker does: contents of folders, over files, through links of the image', {
    timeout: 40_000,
  }, async () => {
    const Dockerfile = `FROM busybox
WORKDIR /w
RUN mkdir /real && ln -s /real /link && echo old > /real/file
COPY folder /link/
COPY file /bin/my-tool
COPY ["with space", "/w/"]
COPY f?le [fx]older/in /many/
COPY link-to-file followed
COPY . .
`;
    const files = {
      Dockerfile,
      'folder/in': 'in',
      'folder/file': 'new',
      file: { header: { mode: 0o755 }, content: '#!/bin/sh\necho tool\n' },
      'with space': 'space',
      'link-to-file': { header: { type: 'symlink' as const, linkname: 'folder/in' } },
    };
    const log = await bench.build(files, { t: 'copy:1' });
    expect(log.error).toBeUndefined();
    const { stdout } = await runIn(
      'copy:1',
      'cat /real/in /real/file; my-tool; cat "/w/with space"; ls /many; cat /w/followed; ls -l /w/link-to-file | grep -o "> .*"',
    );
    expect(stdout).toBe('innewtool\nspacefile\nin\nin> folder/in\n');
  });

  test('leaves out the Dockerfile and .dockerignore if the latter says so, and nothing else', async () => {
    const Dockerfile = 'FROM busybox\nCOPY . /all/\nRUN ls -A /all\n';
    const files = { 'a.log': '', keep: '', '.dockerfile.mine': Dockerfile };
    const options = { dockerfile: '.dockerfile.mine' };
    const excluding = await bench.build(
      { ...files, '.dockerignore': '.dockerfile.mine\n.dockerignore\n*.log\n' },
      options,
    );
    expect(excluding.text).toContain('\na.log\nkeep\n');
    const other = await bench.build({ ...files, '.dockerignore': '*.log\n' }, options);
    expect(other.text).toContain('\n.dockerfile.mine\n.dockerignore\na.log\nkeep\n');
  });

  test('whose context wants to leave its folder writes nothing elsewhere', async () => {
    const outside = path.join(bench.folder, 'outside');
    const files = {
      Dockerfile: 'FROM busybox\nCOPY . /all/\nRUN cat /all/link/passwd; ls /all\n',
      link: { header: { type: 'symlink' as const, linkname: bench.folder } },
      'link/outside': 'evil',
      '../../../outside': 'evil',
    };
    await bench.build(files).catch(() => {});
    expect(existsSync(outside)).toBe(false);
    expect(existsSync(path.join(bench.folder, 'builds', 'outside'))).toBe(false);
    const leaving = {
      Dockerfile: 'FROM busybox\nCOPY link/images.json /x\n',
      link: { header: { type: 'symlink' as const, linkname: bench.folder } },
    };
    expect((await bench.build(leaving)).error).toContain('COPY failed: file not found in build context');
    const dockerfile = {
      Dockerfile: { header: { type: 'symlink' as const, linkname: path.join(bench.folder, 'images.json') } },
    };
    await expect(bench.build(dockerfile)).rejects.toMatchObject({
      message: expect.stringContaining('Cannot locate specified Dockerfile: Dockerfile'),
    });
  });

  test('ends when the client goes away', async () => {
    const socketPath = bench.engine.host().slice('unix://'.length);
    const call = request({ socketPath, method: 'POST', path: '/build' });
    call.on('error', () => {});
    let seen = '';
    call.on('response', (answer) => {
      answer.on('data', (chunk) => {
        seen += String(chunk);
      });
      answer.on('error', () => {});
    });
    toTar({ Dockerfile: 'FROM busybox\nRUN echo started; sleep 1000\n' }).pipe(call);
    await until(() => seen.includes('started\\n"'));
    call.destroy();
    await until(() => readdirSync(path.join(bench.folder, 'builds')).length === 0);
    expect(readdirSync(path.join(bench.folder, 'pods'))).toEqual([]);
  });
});

describe('a failure has the words of the Docker Engine', () => {
  test.each([
    ['FROM busybox\nRUN exit 3', "The command '/bin/sh -c exit 3' returned a non-zero code: 3"],
    [
      'FROM busybox\nCOPY nope /x',
      'COPY failed: file not found in build context or excluded by .dockerignore: stat nope: file does not exist',
    ],
    ['FROM busybox\nCOPY no* /x', 'COPY failed: no source files were specified'],
    ['FROM busybox\nCOPY ../x /y', 'COPY failed: forbidden path outside the build context: ../x ()'],
    ['FROM busybox AS a\nFROM busybox\nCOPY --from=a /none /y', 'COPY failed: stat none: file does not exist'],
    [
      'FROM busybox\nRUN ["nope","a"]',
      'failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "nope": executable file not found in $PATH: unknown',
    ],
  ])('in the stream: %j', async (dockerfile, words) => {
    const log = await bench.build({ Dockerfile: dockerfile });
    expect(log.messages.at(-1)).toMatchObject({ error: words, errorDetail: { message: words } });
    expect(log.id).toBeUndefined();
  });

  test.each([
    ['FOO x', 400, 'dockerfile parse error line 1: unknown instruction: FOO'],
    ['FROM scratch\n\nFOO x', 400, 'dockerfile parse error line 3: unknown instruction: FOO'],
    ['RUN x', 400, 'no build stage in current context'],
    ['', 400, 'failed to parse Dockerfile: file with no instructions'],
    ['FROM scratch\nENV', 400, 'dockerfile parse error line 2: ENV requires at least one argument'],
    ['FROM scratch\nUSER', 400, 'dockerfile parse error line 2: USER requires exactly one argument'],
    [
      'FROM scratch\nCOPY a',
      400,
      'dockerfile parse error line 2: COPY requires at least two arguments, but only one was provided. Destination could not be determined',
    ],
    ['FROM scratch\nONBUILD RUN x', 400, 'dockerfile parse error line 2: ONBUILD is not part of the embedded engine'],
  ])('before it: %j', async (dockerfile, statusCode, message) => {
    await expect(bench.build({ Dockerfile: dockerfile })).rejects.toMatchObject({
      statusCode,
      message: expect.stringContaining(message),
    });
  });

  test('the exit code is told beside them; a missing Dockerfile and a broken archive are refused', async () => {
    const log = await bench.build({ Dockerfile: 'FROM busybox\nRUN exit 3' });
    expect(log.messages.at(-1)).toMatchObject({ errorDetail: { code: 3 } });
    const missing = bench.build({ other: '' }, { dockerfile: 'zz' });
    await expect(missing).rejects.toMatchObject({
      statusCode: 500,
      message: expect.stringContaining('Cannot locate specified Dockerfile: zz'),
    });
    const broken = bench.docker.buildImage((await import('node:stream')).Readable.from([Buffer.alloc(2000, 'x')]), {});
    await expect(broken).rejects.toMatchObject({ statusCode: 400 });
  });

  test('even while its files are still on their way', async () => {
    const files = { Dockerfile: 'FROM busybox', big: Buffer.alloc(3_000_000, 'x') };
    await expect(bench.build(files, { remote: 'https://git.example/x.git' })).rejects.toMatchObject({
      statusCode: 400,
      message: expect.stringContaining('builds from a context that is sent'),
    });
    await expect(bench.build({ Dockerfile: 'FROM busybox' }, { version: '2' })).rejects.toThrow();
  });
});

async function toBuffer(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
