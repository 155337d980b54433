#!/usr/bin/env node
'use strict';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 17)) {
  process.stderr.write(`fatal devspace needs Node.js 20.17 or newer, this is ${process.versions.node}\n`);
  process.exit(1);
}

require('./compile-cache.js');
const { run } = require('../dist/main.cjs');

const { stdin, stdout, stderr, env } = process;
run(process.argv.slice(2), { stdin, stdout, stderr, env, cwd: process.cwd(), program: __filename }).then((exitCode) => {
  process.exitCode = exitCode;
});
