import { methodOf } from '../../../shared/dialect/model.ts';
import { WebSocket } from 'ws';
import type { Duplex } from 'node:stream';
import { hostOf, portOf } from '../../check/probe.ts';
import type { Exam } from '../exam.ts';
import { isSecureUrl } from '../connection/ask.ts';
import type { Experiment } from './experiment.ts';

const FIRST = 1024;
const LAST = 4 * 1024 * 1024;
const DOUBLINGS = 12;
const HALVINGS = 4;
const WAIT_MS = 700;

/** Messages of doubling size, with consent only: which one ends the connection? */
export const sizes: Experiment = {
  name: 'sizes',
  methods: ['websocket'],
  codes: ['message-limit'],
  cost: ({ allow }) =>
    allow.includes('large-message')
      ? { connections: DOUBLINGS + HALVINGS + 1, messages: DOUBLINGS + HALVINGS + 1 }
      : { connections: 0 },
  async run(x) {
    if (!x.o.allow.includes('large-message')) return;
    let [most, least] = [0, Infinity];
    for (let bytes = FIRST; bytes <= LAST && least === Infinity && x.left() > WAIT_MS * 2; bytes *= 2) {
      const ok = await send(x, bytes);
      if (ok === null) return;
      if (ok) most = bytes;
      else least = bytes;
    }
    for (let i = 0; i < HALVINGS && least !== Infinity && most > 0 && x.left() > WAIT_MS * 2; i++) {
      const bytes = Math.round((most + least) / 2);
      const ok = await send(x, bytes);
      if (ok === null) return;
      if (ok) most = bytes;
      else least = bytes;
    }
  },
};

/** @returns whether the connection outlived it; null where it could not be tried */
async function send(x: Exam, bytes: number): Promise<boolean | null> {
  const { m } = x;
  if (!x.ledger.take() || !x.ledger.takeMessage()) return null;
  const url = new URL(m.url);
  const line = x.dialler.line('size');
  const ws = new WebSocket(m.url, methodOf(m.dialect, 'websocket').subprotocols, {
    headers: { 'user-agent': 'heartline', ...m.headers },
    perMessageDeflate: false,
    // cast: ws types it as net.createConnection, and asks for any stream
    createConnection: ((): Duplex =>
      line.open({ host: hostOf(url), port: portOf(url, isSecureUrl(url)), secure: isSecureUrl(url) })) as never,
  });
  x.ledger.noteRequest();
  try {
    return await new Promise<boolean | null>((resolve) => {
      let sent = false;
      let over = false;
      const end = (ok: boolean | null, evidence: string | null = null): void => {
        if (over) return;
        over = true;
        cancel();
        if (ok !== null) m.sizes.push({ bytes, ok, evidence });
        resolve(ok);
      };
      let cancel = x.clock.after(5000, () => end(null));
      ws.on('error', () => undefined);
      ws.on('close', (code) => end(sent ? false : null, `close:${code}`));
      ws.on('open', () => {
        sent = true;
        ws.send('x'.repeat(bytes));
        ws.ping();
        // whoever answers a ping behind the message has taken the message
        ws.once('pong', () => {
          cancel();
          cancel = x.clock.after(200, () => end(true));
        });
        cancel();
        cancel = x.clock.after(WAIT_MS, () => end(true));
      });
      x.signal.addEventListener('abort', () => end(null), { once: true });
    });
  } finally {
    ws.terminate();
    x.dialler.release(line);
  }
}
