/** A lane that its own path does not let through is told so, and not sent to look at its URL. */
import { afterEach, expect, it } from 'vitest';
import { blockedSentence } from '../../../src/shared/path/blocked.ts';
import { resolveVia } from '../../../src/shared/path/resolve.ts';
import { watchedLab, type WatchedLab } from '../../helpers/watched-lab.ts';

let watched: WatchedLab | null = null;
afterEach(async () => {
  await watched?.close();
  watched = null;
});

it('names the path that takes the Upgrade away, and the way out', async () => {
  const path = resolveVia(['nginx-default']);
  watched = await watchedLab({ target: { kind: 'embedded' }, lanes: [{ method: 'websocket' }], path });
  const w = watched;
  await w.until('it is refused', () => w.lane('websocket').state === 'failed');
  const notice = w.noted('notice', 'websocket').find(({ level }) => level === 'error');
  expect(notice?.hint).toMatch(
    /^The path of this lane \(nginx, proxy_pass only.*\) takes the Upgrade out of the request/,
  );
  expect(notice?.hint).toMatch(/pass Upgrade and Connection on\.$/);
});

it('says nothing of a path that lets the method through', () => {
  expect(blockedSentence(resolveVia(['nginx-default']), 'sse')).toBeNull();
  expect(blockedSentence(resolveVia([]), 'websocket')).toBeNull();
  expect(blockedSentence(resolveVia(['upgrade:how=403']), 'websocket')).toMatch(/lets no WebSocket through/);
});
