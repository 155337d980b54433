import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';

/**
 * `npm start`: the main job on a machine that has nothing but Node.js. Runs `devspace dev` of the quickstart on the
 * embedded cluster. With a terminal the newcomer takes over; without one the story runs by itself, each step checked.
 */
const root = path.resolve(import.meta.dirname, '..');
const program = path.join(root, 'bin', 'devspace.js');
const example = path.join(root, 'docs', 'examples', 'quickstart');

if (process.stdin.isTTY && process.stdout.isTTY) await startInteractive();
else await runStory();

async function startInteractive() {
  const folder = path.join(homedir(), 'devspace-quickstart');
  if (!existsSync(folder)) await copyExample(folder);
  const url = `http://127.0.0.1:${portOf(folder)}/`;
  devspaceSync(['embedded', 'start'], folder);
  process.stdout.write(
    [
      '',
      `  The example is in ${folder}; it will answer at ${url}`,
      '  1. When the prompt of the container appears, open that address in a browser.',
      '  2. Edit message.txt in that folder, save it, and reload the page.',
      '  3. Type in the terminal (it is inside the container): ls, then echo Hi > message.txt; leave it with exit.',
      '',
      '',
    ].join('\n'),
  );
  const { status } = devspaceSync(['dev', '--embedded'], folder);
  process.stdout.write(
    `\n  Again: cd ${folder} && ${program} dev --embedded   Stop the cluster: ${program} embedded stop\n`,
  );
  process.exitCode = status ?? 1;
}

/** Where port 3000 is taken on this machine, the copy uses another one. */
async function copyExample(folder) {
  cpSync(example, folder, { recursive: true });
  const port = (await listenOnce(3000)) ?? (await listenOnce(0));
  const config = read(folder, 'devspace.yaml').replace('- port: 3000', `- port: ${port}\n      remotePort: 3000`);
  if (port !== 3000) writeFileSync(path.join(folder, 'devspace.yaml'), config);
}

/** The port, if it is free. */
function listenOnce(port) {
  return new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => {
      const { port: found } = server.address();
      server.close(() => resolve(found));
    });
  });
}

function portOf(folder) {
  return /- port: (\d+)/.exec(read(folder, 'devspace.yaml'))?.[1] ?? '3000';
}

function devspaceSync(args, cwd) {
  const result = spawnSync(process.execPath, [program, ...args], { cwd, stdio: 'inherit' });
  if (result.status !== 0 && args[0] === 'embedded') process.exit(result.status ?? 1);
  return result;
}

async function runStory() {
  const folder = mkdtempSync(path.join(tmpdir(), 'devspace-quickstart-'));
  const running = devspace(['embedded', 'status'], folder);
  const alreadyRuns = (await running.ended).code === 0;
  await copyExample(folder);
  const port = portOf(folder);
  const url = `http://127.0.0.1:${port}/`;
  const page = async () => (await fetch(url)).text();
  const dockerfile = readFileSync(path.join(folder, 'Dockerfile'), 'utf8');
  const dev = devspace(['dev', '--embedded'], folder);
  let failure;
  try {
    await check('the image is built with the override and pushed', () => contains(dev, /Pushed |Not pushed: /), dev);
    await check('the Dockerfile on disk is as it was', () => equal(read(folder, 'Dockerfile'), dockerfile));
    await check('the manifests are deployed', () => contains(dev, /(Deployed|Skipped) quickstart/), dev);
    await check('the ports are forwarded', () => contains(dev, new RegExp(`Forwarding 127\\.0\\.0\\.1:${port} `)), dev);
    await check('files are synchronised', () => contains(dev, /is in step with the container/), dev);
    await check(`the application answers at ${url}`, async () => equal(await page(), 'Hello from the cluster!\n'), dev);
    writeFileSync(path.join(folder, 'message.txt'), 'Edited on this machine\n');
    await check('an edit here shows on the page', async () => equal(await page(), 'Edited on this machine\n'), dev);
    await check('an edit in the container arrives here', async () => {
      const { code } = await devspace(
        ['enter', '--embedded', '--', 'sh', '-c', 'echo Edited there >message.txt'],
        folder,
      ).ended;
      equal(code, 0);
      await retry(() => equal(read(folder, 'message.txt'), 'Edited there\n'), 10);
    });
    await check('a terminal command works as a filter, with its exit code', async () => {
      const filter = devspace(['enter', '--embedded', '--', 'sh', '-c', 'tr a-z A-Z; exit 3'], folder, 'hello\n');
      const { code } = await filter.ended;
      equal(code, 3);
      equal(filter.stdout(), 'HELLO\n');
    });
    dev.child.kill('SIGTERM');
    await check('it ends without a trace', async () => equal((await dev.ended).code, 143));
  } catch (error) {
    failure = error;
  } finally {
    dev.child.kill('SIGTERM');
    await dev.ended;
    await devspace(['purge', '--embedded'], folder).ended;
    if (!alreadyRuns) await devspace(['embedded', 'stop'], folder).ended;
    rmSync(folder, { recursive: true, force: true });
  }
  if (failure) process.stdout.write(`${failure.message}\n\nWhat devspace dev said:\n${dev.stderr()}\n`);
  else process.stdout.write('Everything works. With a terminal attached, npm start lets you try it yourself.\n');
  process.exitCode = failure ? 1 : 0;
}

function devspace(args, cwd, stdin) {
  const child = spawn(process.execPath, [program, ...args], {
    cwd,
    stdio: [stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) child[name].on('data', (chunk) => (texts[name] += chunk));
  child.stdin?.end(stdin);
  let code;
  const ended = new Promise((resolve) =>
    child.once('close', (exitCode) => {
      code = exitCode;
      resolve({ code });
    }),
  );
  return { child, ended, code: () => code, stdout: () => texts.stdout, stderr: () => texts.stderr };
}

async function check(title, condition, watched) {
  const startedAt = Date.now();
  try {
    await retry(condition, 60, watched);
  } catch (error) {
    throw new Error(`FAILED  ${title}: ${error.message}`);
  }
  process.stdout.write(`ok  ${title} (${((Date.now() - startedAt) / 1000).toFixed(1)} s)\n`);
}

async function retry(condition, seconds, watched) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    try {
      return await condition();
    } catch (error) {
      if (watched?.code() !== undefined) throw new Error('devspace dev has ended');
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

function contains(run, pattern) {
  if (!pattern.test(run.stderr())) throw new Error(`it did not say ${pattern}`);
}

function equal(found, expected) {
  if (found !== expected) throw new Error(`found ${JSON.stringify(found)} instead of ${JSON.stringify(expected)}`);
}

function read(folder, file) {
  return readFileSync(path.join(folder, file), 'utf8');
}
