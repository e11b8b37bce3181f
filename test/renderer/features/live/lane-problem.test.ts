import { describe, expect, it } from 'vitest';
import type { DropFact } from '../../../../src/shared/observation.ts';
import { LaneModel } from '../../../../src/renderer/model/lane-model.ts';
import { laneProblem } from '../../../../src/renderer/features/live/lane-problem.ts';
import { event, START, teller } from '../../helpers.ts';

const URL = 'http://127.0.0.1:1/events/demo';
const drop = (over: Partial<DropFact>): DropFact => ({
  type: 'drop',
  evidence: 'refused',
  by: 'unknown',
  silence: 1,
  detected: null,
  ...over,
});

function lane(method: 'sse' | 'short-polling' = 'sse', url = URL) {
  const track = new LaneModel(method, method, url, START);
  const tell = teller();
  let t = 0;
  return {
    track,
    tell: (...facts: Parameters<typeof tell>[2][]) => facts.forEach((f) => track.apply(tell((t += 0.1), method, f))),
  };
}
const waits = { type: 'state', from: 'dropped', to: 'waiting', reason: 'back-off', until: START + 9000 } as const;
const opens = { type: 'state', from: 'connecting', to: 'open', reason: 'connected' } as const;

describe('what keeps a lane from its target', () => {
  it('is told at the first try of a lane that never stood: nothing listens, no such host', () => {
    const { track, tell } = lane();
    expect(laneProblem(track)).toBeNull();
    tell(drop({ detail: 'connect ECONNREFUSED 127.0.0.1:1' }), waits);
    expect(laneProblem(track)?.text).toBe('Nothing listens at 127.0.0.1:1');
    const other = lane('sse', 'http://nosuch.invalid/x');
    other.tell(drop({ evidence: 'dns' }), waits);
    expect(laneProblem(other.track)?.text).toBe('No host is called nosuch.invalid');
  });

  it('is no trouble when a lane that stood was dropped once: that is what the ribbon is for', () => {
    const { track, tell } = lane();
    tell(opens, drop({ evidence: 'rst', cause: 'cut' }), waits);
    expect(laneProblem(track)).toBeNull();
    tell(drop({}), waits);
    expect(laneProblem(track)?.text).toContain('Nothing listens');
    tell(opens);
    expect(laneProblem(track)).toBeNull();
  });

  it('says in the engine’s words what came back wrong, through every further try, until something comes through', () => {
    const { track, tell } = lane('short-polling');
    const message = 'The server answers text/html, not JSON.';
    const wrong = drop({ evidence: 'protocol', detail: 'answers text/html, not JSON' });
    const answer = { type: 'response', id: 1, status: 200, bytes: 9, took: 4, empty: true } as const;
    const ask = { type: 'request', id: 1, method: 'GET', url: URL } as const;
    tell(
      ask,
      answer,
      { type: 'notice', level: 'error', code: 'not-json', message, hint: 'Check the URL.' },
      wrong,
      waits,
    );
    expect(laneProblem(track)).toMatchObject({ text: message, hint: 'Check the URL.', final: false });
    tell(ask, answer, wrong, waits); // said once only
    expect(laneProblem(track)).toMatchObject({ text: message });
    tell(ask, answer, event(1), waits);
    expect(laneProblem(track)).toBeNull();
  });

  it('knows what the path or we did from what the target did, and is silent while offline', () => {
    const { track, tell } = lane();
    tell(drop({ cause: 'refuse', by: 'path' }), waits);
    expect(laneProblem(track)).toMatchObject({
      selfInflicted: true,
      text: expect.stringContaining('rule of the path'),
    });
    tell(drop({ cause: 'offline', evidence: 'offline' }), waits);
    expect(laneProblem(track)).toBeNull();
  });

  it('keeps the reason and the way out once the lane has failed', () => {
    const { track, tell } = lane();
    const notice = { message: 'The stream was refused with 401.', hint: 'Add a header that lets it in.' };
    tell(
      { type: 'notice', level: 'error', code: 'refused-by-server', ...notice },
      { type: 'state', from: 'connecting', to: 'failed', reason: 'refused-by-server', evidence: 'status:401' },
    );
    expect(laneProblem(track)).toMatchObject({ text: notice.message, hint: notice.hint, final: true });
  });
});
