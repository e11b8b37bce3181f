// npm http-proxy as a development server uses it: one server for each measured path. The package answers no error by
// itself; the handler here does what such servers do.
//   node node-http-proxy.mjs TARGET LIMIT_S PORT PORT_WITH_TIMEOUT PORT_WITH_COMPRESSION
import { createServer } from 'node:http';
import compression from 'compression';
import httpProxy from 'http-proxy';

const [target, limitS, ...ports] = process.argv.slice(2).map(Number);

function start(port, options, { upgrades = false, before = (_req, _res, next) => next() } = {}) {
  const proxy = httpProxy.createProxyServer({ target: `http://127.0.0.1:${target}`, ...options });
  proxy.on('error', (error, _req, res) => {
    if (!res?.writeHead) return res?.destroy();
    if (!res.headersSent) res.writeHead(error.code === 'ECONNRESET' ? 504 : 502);
    res.end();
  });
  const server = createServer((req, res) => before(req, res, () => proxy.web(req, res)));
  if (upgrades) server.on('upgrade', (req, socket, head) => proxy.ws(req, socket, head));
  server.listen(port, '127.0.0.1');
}

start(ports[0], {});
start(ports[1], { proxyTimeout: limitS * 1000, timeout: limitS * 1000 }, { upgrades: true });
start(ports[2], {}, { upgrades: true, before: compression({ threshold: 0, filter: () => true }) });
