#!/usr/bin/env node
'use strict';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 17)) {
  process.stderr.write(`fatal devspace needs Node.js 20.17 or newer, this is ${process.versions.node}\n`);
  process.exit(1);
}

const [, , first, ...others] = process.argv;
if (others.length === 0 && (first === '--version' || first === '-v')) {
  // prompts and scripts ask this often; it needs nothing of the bundle
  process.stdout.write(`${require('../package.json').version}\n`);
} else {
  start();
}

function start() {
  require('./compile-cache.js');
  const { run } = require('../dist/main.cjs');
  const { stdout, stderr, env } = process;
  for (const output of [stdout, stderr]) output.on('error', ignoreClosedPipe);
  const io = {
    // opened by the first look at it, and most commands never look
    get stdin() {
      return process.stdin;
    },
    stdout,
    stderr,
    env,
    cwd: process.cwd(),
    program: __filename,
  };
  run(process.argv.slice(2), io).then((exitCode) => {
    process.exitCode = exitCode;
  });
}

/** `devspace --help | head -1`: a reader that has seen enough is no failure. */
function ignoreClosedPipe(error) {
  if (error.code !== 'EPIPE') throw error;
}
