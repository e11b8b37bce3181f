// @ts-check
// npm run dev: the page reloads as its sources change (Vite), the engine restarts when its own do (node --watch, straight
// from the sources). `--electron` does the same in Electron's window.
import './ensure-node.mjs';
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import vue from '@vitejs/plugin-vue';
import { createServer } from 'vite';
import { buildOrExit, ROOT } from './build.mjs';
import { findElectron } from './find-electron.mjs';

const { values } = parseArgs({
  options: { electron: { type: 'boolean' }, port: { type: 'string', default: '22173' } },
});

if (values.electron) {
  const { path, reason } = findElectron();
  if (!path) {
    console.error(
      `npm run dev -- --electron needs the Electron binary: ${reason}. Without --electron it runs in a browser.`,
    );
    process.exit(3);
  }
  const flags = process.getuid?.() === 0 ? ['--noSandbox'] : [];
  const child = spawn(
    process.execPath,
    ['node_modules/electron-vite/bin/electron-vite.js', 'dev', '--watch', ...flags],
    {
      cwd: ROOT,
      stdio: 'inherit',
    },
  );
  child.once('exit', (code) => process.exit(code ?? 0));
} else {
  await inBrowser(Number(values.port));
}

/** @param {number} port */
async function inBrowser(port) {
  await buildOrExit(console.log); // the host wants a built page to be there, though Vite serves a livelier one
  const origin = `http://127.0.0.1:${port}`;
  const hostPort = port + 1;
  const target = `http://127.0.0.1:${hostPort}`;
  // The browser host keeps its own lock: the token, the cookie and the Host it checks all pass through unchanged but for
  // the address, and a page from elsewhere is stopped here.
  const server = await createServer({
    configFile: false,
    root: join(ROOT, 'src/renderer'),
    plugins: [vue()],
    server: {
      host: '127.0.0.1',
      port,
      strictPort: true,
      proxy: {
        '^/\\?token=': {
          target,
          changeOrigin: true,
          selfHandleResponse: true,
          // the host may answer with the built page and a key in it: what goes on is Vite's page with that key
          configure: (proxy) => {
            proxy.on('proxyRes', async (answer, _, response) => {
              const built = (await answer.toArray()).join('');
              const html = await server.transformIndexHtml(
                '/',
                await readFile(join(ROOT, 'src/renderer/index.html'), 'utf8'),
              );
              const key = /<meta name="heartline-key"[^>]*>/.exec(built)?.[0];
              response.writeHead(answer.statusCode ?? 502, {
                ...(answer.headers['set-cookie'] ? { 'set-cookie': answer.headers['set-cookie'] } : {}),
                ...(answer.headers.location ? { location: answer.headers.location } : {}),
                'content-type': key ? 'text/html' : 'text/plain',
              });
              response.end(key ? html.replace('<head>', `<head>${key}`) : built);
            });
          },
        },
        '/rpc': {
          target,
          ws: true,
          changeOrigin: true,
          configure: (proxy) => {
            proxy.on('proxyReqWs', (request, incoming, socket) => {
              if (incoming.headers.origin !== origin) socket.destroy();
              request.setHeader('origin', target);
            });
          },
        },
      },
    },
  });
  await server.listen();

  const host = spawn(
    process.execPath,
    ['--watch', '--watch-preserve-output', 'src/cli/index.ts', 'open', '--no-open', '--port', String(hostPort)],
    { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  host.stdout.on('data', (data) => {
    for (const [url] of String(data).matchAll(/http:\/\/127\.0\.0\.1:\d+\/\S*token=\S+/g)) {
      console.log(`open ${url.replace(target, origin)}   (lets one browser in; the next address follows)`);
    }
  });
  const end = () => {
    host.kill('SIGTERM');
    void server.close();
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  host.once('exit', (code) => {
    void server.close();
    process.exitCode = code ?? 0;
  });
}
