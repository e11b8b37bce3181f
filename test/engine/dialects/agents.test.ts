/** Streams of models and agents, as transcripts in the form that their documents give. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { EndpointClient } from '../../../src/engine/client/endpoint/endpoint-client.ts';
import { data, named, rpc, STREAMS } from '../../helpers/agent-streams.ts';
import { watchedLane, type WatchedLane } from '../../helpers/lane.ts';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const fn of undo.splice(0).reverse()) await fn();
});

interface Asked {
  method: string;
  headers: IncomingMessage['headers'];
  body: string;
}

async function model(answer: (res: ServerResponse, nth: number) => void): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = createServer((req, res) => {
    let body = '';
    req.on('data', (chunk) => (body += String(chunk)));
    req.on('end', () => {
      asked.push({ method: req.method!, headers: req.headers, body });
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      answer(res, asked.length - 1);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  undo.push(
    () => server.close(),
    () => server.closeAllConnections(),
  );
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/x`, asked };
}

function follow(url: string, dialect: string): WatchedLane {
  const w = watchedLane({ method: 'sse', url, dialect });
  undo.push(() => w.lane.close());
  w.lane.start();
  return w;
}

const over = (w: WatchedLane) => w.until('state', (s) => s.to === 'stopped' || s.to === 'failed');
describe.each(STREAMS)('%s', (dialect, before, terminal, events, tokens) => {
  it('is complete with its terminal message, and asked for once, by POST', async () => {
    const { url, asked } = await model((res) => res.end(before + terminal));
    const w = follow(url, dialect);
    expect(await over(w)).toMatchObject({ to: 'stopped' });
    expect(w.all('event')).toHaveLength(events);
    expect(w.all('event').filter((e) => e.token)).toHaveLength(tokens);
    expect(w.all('notice').map((n) => n.code)).not.toContain('truncated');
    expect(asked.map(({ method }) => method)).toEqual(['POST']);
  });

  it.each(['end', 'destroy'] as const)('is truncated without it (%s), and not asked for again', async (how) => {
    const { url, asked } = await model((res) => res.write(before, () => setTimeout(() => res[how](), 20)));
    const w = follow(url, dialect);
    expect(await over(w)).toMatchObject({ to: 'failed', reason: 'not-resent' });
    expect(w.all('notice').map((n) => n.code)).toContain('truncated');
    expect(asked).toHaveLength(1);
  });
});

describe('what ends in an error', () => {
  it('an error in mid-stream is shown, and the stream is truncated', async () => {
    const { url } = await model((res) =>
      res.end(named({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } } as { type: string })),
    );
    const w = follow(url, 'anthropic-messages');
    await over(w);
    expect(w.all('notice')).toContainEqual(expect.objectContaining({ message: 'The server says: Overloaded' }));
    expect(w.all('notice').map((n) => n.code)).toContain('truncated');
  });

  it('a number left out of the Responses is missed', async () => {
    const { url } = await model((res) =>
      res.end(
        data(
          { type: 'response.created', sequence_number: 0 },
          { type: 'response.output_text.delta', sequence_number: 2, delta: 'a' },
          { type: 'response.completed', sequence_number: 3 },
        ),
      ),
    );
    const w = follow(url, 'openai-responses');
    await over(w);
    expect(w.all('gap')).toEqual([expect.objectContaining({ missed: 1 })]);
  });
});

describe('mcp-2025-11-25', () => {
  const started = 'id: s1-0\nretry: 10\ndata: \n\n';
  const progress = `id: s1-1\n${data({ jsonrpc: '2.0', method: 'notifications/progress', params: { progress: 1 } })}`;
  const response = `id: s1-2\n${data(rpc({ content: [] }))}`;
  const request = { httpMethod: 'POST', body: '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}}' };

  const call = (url: string): WatchedLane => {
    const target = { kind: 'remote', name: '', base: null, urls: {}, channel: '', dialect: '', headers: {} } as const;
    const endpoint = new EndpointClient({
      target: { ...target, cookies: false, ...request },
      method: 'sse',
      token: null,
      values: () => null,
      dialectHasToken: false,
    });
    const w = watchedLane({ method: 'sse', url, dialect: 'mcp-2025-11-25', endpoint });
    undo.push(() => w.lane.close());
    w.lane.start();
    return w;
  };

  it('a request that breaks off after an id is resumed by GET, without its body', async () => {
    const { url, asked } = await model((res, nth) => {
      if (nth === 0) res.write(started + progress, () => setTimeout(() => res.destroy(), 20));
      else res.end(response);
    });
    const w = call(url);
    expect(await over(w)).toMatchObject({ to: 'stopped', reason: 'ended' });
    expect(asked.map(({ method, body, headers }) => [method, body, headers['last-event-id']])).toEqual([
      ['POST', request.body, undefined],
      ['GET', '', 's1-1'],
    ]);
    expect(asked[1]!.headers['mcp-protocol-version']).toBe('2025-11-25');
  });

  it('one that breaks off before any id is not sent again', async () => {
    const { url, asked } = await model((res) => res.write(': hi\n\n', () => setTimeout(() => res.destroy(), 20)));
    const w = call(url);
    expect(await over(w)).toMatchObject({ to: 'failed', reason: 'not-resent' });
    expect(asked).toHaveLength(1);
  });

  it('the stream of a session has no terminal message: its end is no truncation', async () => {
    const { url } = await model((res, nth) => (nth === 0 ? res.end(started + progress) : res.write(': hi\n\n')));
    const w = follow(url, 'mcp-2025-11-25');
    await w.until('reconnect');
    expect(w.all('notice').map((n) => n.code)).not.toContain('truncated');
  });
});
