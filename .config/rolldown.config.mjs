import { createRequire } from 'node:module';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const require = createRequire(import.meta.url);

/** The session and the progress of BuildKit are ours (decision 0009): what dockerode has for them is all of gRPC. */
function leaveOutGrpc() {
  const none = '\0without-grpc';
  return {
    name: 'leave-out-grpc',
    resolveId(source, importer) {
      const isTheirs = /dockerode[\\/]lib[\\/]docker\.js$/.test(importer ?? '');
      return isTheirs && ['./session', './buildkit'].includes(source) ? none : null;
    },
    load: (id) => (id === none ? { code: 'module.exports = undefined;', moduleType: 'js' } : null),
  };
}

/** What the Kubernetes library imports for proxies and rare ways to log in is loaded when one of these names is used. */
function loadLate() {
  const late = {
    hpagent: ['HttpProxyAgent', 'HttpsProxyAgent'],
    'jsonpath-plus': ['JSONPath'],
    'openid-client': ['discovery', 'refreshTokenGrant'],
    'socks-proxy-agent': ['SocksProxyAgent'],
  };
  const prefix = '\0late:';
  return {
    name: 'load-late',
    resolveId(source, importer) {
      const isTheirs = /@kubernetes[\\/]client-node/.test(importer ?? '');
      return isTheirs && Object.hasOwn(late, source) ? prefix + source : null;
    },
    load(id) {
      if (!id.startsWith(prefix)) return null;
      const name = id.slice(prefix.length);
      const real = JSON.stringify(path.join(root, 'node_modules', name));
      const getters = late[name].map((key) => `get ${key}() { return require(${real}).${key}; }`);
      return { code: `module.exports = { ${getters.join(', ')} };`, moduleType: 'js' };
    },
  };
}

/** Files of ASCII alone are read faster, and V8 keeps them in half the memory: what is not is written as an escape. */
function onlyAscii() {
  const escape = (unit, before) => {
    if (before.length % 2 === 1) throw new Error(`a backslash stands before ${unit}`);
    return `${before}\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  };
  return {
    name: 'only-ascii',
    generateBundle(_, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type === 'chunk')
          chunk.code = chunk.code.replace(/(\\*)([^\0-\x7f])/g, (_, before, unit) => escape(unit, before));
      }
    },
  };
}

export default {
  input: { main: path.join(root, 'src/cli/main.ts') },
  platform: 'node',
  tsconfig: path.join(root, 'tsconfig.json'),
  resolve: {
    alias: {
      'node-fetch': path.join(root, '.config/lazy-node-fetch.cjs'),
    },
  },
  // the library says nothing about side effects and has none: what we do not use of it is left out
  treeshake: { moduleSideEffects: [{ test: /@kubernetes[\\/]client-node/, sideEffects: false }] },
  // native accelerators of ssh2 that we neither ship nor need: their loaders tolerate that they are missing
  external: ['cpu-features', /\.node$/],
  transform: { target: 'node20' },
  output: {
    dir: path.join(root, 'dist'),
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: 'chunk-[name]-[hash].cjs',
    // each file costs a third of a millisecond at the start: what nearly every command loads is one
    codeSplitting: {
      groups: [
        {
          name: 'shared',
          test: /[\\/]src[\\/](core[\\/]|kube[\\/](errors|find-target|image-names|objects|pod-state|target)\.ts)/,
        },
      ],
    },
    minify: true,
    sourcemap: false,
    cleanDir: true,
  },
  plugins: [loadLate(), leaveOutGrpc(), onlyAscii()],
};
