import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';

/**
 * Bundles the product into a few files that load lazily: the launcher imports main.js, and each command, the HTTP client, the WebSocket client, the
 * terminal libraries and the simulated cluster are chunks of their own.
 */
const root = join(import.meta.dirname, '..');
const outdir = join(root, 'dist');

/** client-node and what it needs for OIDC declare no side effects although they have none; without this every one of their 1,000 files is kept. */
const sideEffectFree: Plugin = {
  name: 'side-effect-free',
  setup(hooks) {
    hooks.onResolve({ filter: /^(@kubernetes\/client-node|openid-client|oauth4webapi|jose)/ }, async (args) => {
      if (args.pluginData === 'resolved') return undefined;
      const { path, errors, external } = await hooks.resolve(args.path, {
        kind: args.kind,
        resolveDir: args.resolveDir,
        importer: args.importer,
        pluginData: 'resolved',
      });
      return errors.length > 0 ? { errors } : { path, external, sideEffects: false };
    });
  },
};

/** Of undici only the agents and `request` are used; its index would bring fetch, WebSocket, caches and mocks, and twice the start-up. */
const leanUndici: Plugin = {
  name: 'lean-undici',
  setup(hooks) {
    hooks.onResolve({ filter: /^undici$/ }, (args) => (args.importer.startsWith(join(root, 'src')) ? { path: 'undici', namespace: 'lean-undici' } : undefined));
    // It takes two things from node:http, a type to compare with and a default, for which all of Node's HTTP stack would load.
    hooks.onResolve({ filter: /^node:http$/ }, (args) => (args.importer.includes('/undici/lib/') ? { path: 'http', namespace: 'lean-http' } : undefined));
    hooks.onLoad({ filter: /.*/, namespace: 'lean-http' }, () => ({ contents: 'module.exports = { IncomingMessage: class {}, maxHeaderSize: 16384 };' }));
    // HTTP/2 is switched off in createAgent, and node:http2 alone takes as long to load as TLS.
    hooks.onLoad({ filter: /undici\/lib\/dispatcher\/client-h2\.js$/ }, () => ({
      contents: 'module.exports = function connectH2() { throw new Error("HTTP/2 is off"); };',
    }));
    hooks.onLoad({ filter: /.*/, namespace: 'lean-undici' }, () => ({
      resolveDir: root,
      contents: [
        "import Dispatcher from 'undici/lib/dispatcher/dispatcher.js';",
        "import Agent from 'undici/lib/dispatcher/agent.js';",
        "import Client from 'undici/lib/dispatcher/client.js';",
        "import ProxyAgent from 'undici/lib/dispatcher/proxy-agent.js';",
        "import request from 'undici/lib/api/api-request.js';",
        'Dispatcher.prototype.request = request;',
        'export { Agent, Client, ProxyAgent };',
      ].join('\n'),
    }));
  },
};

rmSync(outdir, { recursive: true, force: true });
await build({
  entryPoints: { main: join(root, 'src/main.ts'), check: join(root, 'src/check.ts'), testing: join(root, 'src/testing.ts') },
  outdir,
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node22',
  minify: true,
  keepNames: true,
  sourcemap: false,
  legalComments: 'none',
  chunkNames: 'chunks/[name]-[hash]',
  // Optional speed-ups of ws, and of supports-color, that are not installed. The SQL drivers live by the side effects of their modules, and are loaded from
  // their own packages when there are credentials.
  external: ['bufferutil', 'utf-8-validate', 'pg', 'mysql2', 'mysql2/promise'],
  plugins: [sideEffectFree, leanUndici],
  // Some bundled packages are CommonJS and ask for built-in modules by require.
  banner: { js: "import { createRequire as skiffctlRequire } from 'node:module'; const require = skiffctlRequire(import.meta.url);" },
  logLevel: 'warning',
});
