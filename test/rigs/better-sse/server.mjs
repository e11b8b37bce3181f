// better-sse on node:http: the library owns framing, `retry` and keep-alive; log and resume are the application's.
//   node server.mjs PORT [KEEP]     PORT 0 takes a free one; the first line of stdout is {"port":N}
// POST /publish/CH    GET /sse/CH (Last-Event-ID or ?lastEventId=)    GET /sse-uuid/CH (the library's own random ids)
import http from 'node:http';
import { createChannel, createSession } from 'better-sse';

const port = Number(process.argv[2] ?? 0);
const keep = Number(process.argv[3] ?? 20);
const channels = new Map();

function channelOf(name) {
  let channel = channels.get(name);
  if (!channel) channels.set(name, (channel = { seq: 0, log: [], live: createChannel(), random: createChannel() }));
  return channel;
}

const server = http.createServer(async (req, res) => {
  const [, kind, name = 'demo'] = new URL(req.url, 'http://x').pathname.split('/');
  const channel = channelOf(name);
  if (kind === 'publish' && req.method === 'POST') {
    let body = '';
    for await (const chunk of req.setEncoding('utf8')) body += chunk;
    const event = { id: String(++channel.seq), data: body };
    channel.log.push(event);
    if (channel.log.length > keep) channel.log.shift();
    channel.live.broadcast(event.data, 'tick', { eventId: event.id });
    channel.random.broadcast(event.data, 'tick');
    return res.writeHead(201).end(`${JSON.stringify(event)}\n`);
  }
  if (kind === 'sse') {
    const session = await createSession(req, res, { keepAlive: 3000, retry: 1500 });
    const floor = channel.log[0] ? Number(channel.log[0].id) - 1 : channel.seq;
    if (session.lastId !== '') {
      const after = Number(session.lastId);
      if (!(after >= floor && after <= channel.seq)) {
        session.push({ oldest: String(floor), newest: String(channel.seq) }, 'gap', String(channel.seq));
      } else {
        for (const event of channel.log) if (Number(event.id) > after) session.push(event.data, 'tick', event.id);
      }
    }
    return channel.live.register(session);
  }
  if (kind === 'sse-uuid') return channel.random.register(await createSession(req, res, { keepAlive: 3000 }));
  res.writeHead(404).end();
});
server.listen(port, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port })));

// nobody left to stop this: the starter's end of the pipe is gone
process.stdin.resume().on('end', () => process.exit(0));
