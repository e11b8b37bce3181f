/** A scenario played in the lab that a page looks at: the same run as on the command line, with its result in the snapshot. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Lab } from '../../src/engine/lab.ts';
import { readScenarioText } from '../../src/engine/scenario/read.ts';
import { runScenario } from '../../src/engine/run-scenario.ts';
import type { Observation } from '../../src/shared/observation.ts';
import { labClock } from '../helpers/steady-clock.ts';

const SHORT = `# kept as it is
name: A cut
seed: 4
timeScale: 10
server: { workload: none, heartbeat: off, hold: 3s }
lanes:
  - method: sse
  - method: long-polling
schedule:
  - { at: 1s, do: publish, data: one }
  - { at: 2s, do: cut }
  - { at: 4s, do: publish, data: two }
duration: 12s
expect:
  - missed == 0
  - sse: received == 2
  - sse: drops.cut == 1
`;

describe('a scenario in a lab', () => {
  let dir: string;
  let lab: Lab;
  let seen: Observation[];
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'heartline-scenario-'));
    lab = new Lab({ host: 'browser', version: 'test', dataDir: dir, clock: labClock });
    await lab.start();
    seen = [];
    lab.listen((o) => void seen.push(o));
  });
  afterEach(async () => {
    await lab.close();
    rmSync(dir, { recursive: true, force: true });
  });
  const ended = (): Promise<void> =>
    vi.waitFor(() => expect(lab.snapshot().scenario?.endedAt).not.toBe(null), { timeout: 30_000 });

  it('takes the place of the run, plays, and says what its checks came to', async () => {
    expect(lab.snapshot().scenario).toBe(null);
    await lab.playScenario({ text: SHORT });
    expect(lab.snapshot()).toMatchObject({
      config: { seed: 4, timeScale: 10, lanes: [{ method: 'sse' }, { method: 'long-polling' }] },
      scenario: { name: 'A cut', text: SHORT, durationMs: 12_000, endedAt: null, checks: null },
    });
    await ended();
    const { scenario, lanes } = lab.snapshot();
    expect(scenario!.stopped).toBe(false);
    expect(scenario!.endedAt! - scenario!.beganAt!).toBeGreaterThanOrEqual(11_990);
    expect(scenario!.checks!.map((c) => [c.name, c.lane, c.passed])).toEqual([
      ['missed == 0', 'sse', true],
      ['missed == 0', 'long-polling', true],
      ['received == 2', 'sse', true],
      ['drops.cut == 1', 'sse', true],
    ]);
    expect(lanes.map((l) => lab.summary()[l.id]!.unique)).toEqual([2, 2]);
    const facts = seen.filter((o) => o.type === 'scenario');
    expect(facts).toMatchObject([
      { phase: 'begin', name: 'A cut', duration: 12_000, lane: null },
      { phase: 'end', passed: true, stopped: false, checks: scenario!.checks },
    ]);
    expect(Math.abs(facts[0]!.at - scenario!.beganAt!)).toBeLessThan(1000);
    // and the run goes on
    await lab.publish({ type: 'message', data: 'three' });
    await vi.waitFor(
      () => expect(lab.snapshot().lanes.map((l) => lab.summary()[l.id]!.unique)).toEqual([3, 3]),
      30_000,
    );
  });

  it('comes to the same on the command line', async () => {
    await lab.playScenario({ text: SHORT });
    await ended();
    const read = readScenarioText(SHORT);
    const alone = await runScenario(read.ok ? read.plan : expect.fail('it reads'), {
      version: 'test',
      clock: labClock,
    });
    expect(lab.snapshot().scenario!.checks!.map(({ name, passed }) => ({ name, passed }))).toEqual(
      alone.checks.map(({ name, passed }) => ({ name, passed })),
    );
  });

  it('is stopped, and the run goes on; another run by hand ends it too', async () => {
    const long = SHORT.replace('duration: 12s', 'duration: 10m');
    await lab.playScenario({ text: long });
    await lab.stopScenario();
    expect(lab.snapshot().scenario).toMatchObject({ stopped: true, endedAt: expect.any(Number) });
    expect(lab.snapshot().scenario!.checks![0]).toMatchObject({ name: 'the scenario runs to its end', passed: false });
    const run = lab.snapshot().runStartedAt;
    await lab.stopScenario(); // there is none any more
    expect(lab.snapshot().runStartedAt).toBe(run);

    await lab.playScenario({ text: long });
    await lab.restartRun({ heartbeatMs: 5000 });
    expect(lab.snapshot().scenario).toBe(null);
    expect(seen.filter((o) => o.type === 'scenario' && o.phase === 'end')).toHaveLength(2);
    expect(seen.findLast((o) => o.type === 'scenario')).toMatchObject({ stopped: true, passed: false });
  });

  it('is refused with the line, the key and the nearest name, and the run that is there goes on', async () => {
    const { runStartedAt } = lab.snapshot();
    const text = SHORT.replace('do: cut', 'do: cutt');
    await expect(lab.playScenario({ text })).rejects.toMatchObject({
      code: 'bad-scenario',
      place: 'line 11: schedule[1].do',
      hint: expect.stringContaining('cut'),
    });
    expect(lab.snapshot()).toMatchObject({ runStartedAt, scenario: null });
    const { scenario, problems } = await lab.checkScenario({ text });
    expect(scenario).toBe(null);
    expect(problems).toMatchObject([{ line: 11, key: 'schedule[1].do' }]);
    // where only a name is not known, what it says is known all the same
    const unknown = await lab.checkScenario({ text: SHORT.replace('lanes:', 'path: [ngin]\nlanes:') });
    expect(unknown.scenario?.name).toBe('A cut');
    expect(unknown.problems).toMatchObject([{ key: 'path[0]' }]);
    expect((await lab.checkScenario({ text: SHORT })).problems).toEqual([]);
  });

  it('whose log cannot be opened says so, and what was there before goes on', async () => {
    const text = SHORT.replace('workload: none', `log: 'sqlite:${join(dir, 'no', 'such', 'dir.db')}'`);
    await expect(lab.playScenario({ text })).rejects.toMatchObject({ message: expect.stringContaining('dir.db') });
    expect(lab.snapshot()).toMatchObject({ scenario: null, config: { timeScale: 1 } });
    await lab.publish({ type: 'message', data: 'one' });
  });

  it('is kept in a file as the command line takes it, comments and all', async () => {
    const saved = await lab.saveScenario({ text: SHORT });
    expect(saved).toEqual({ name: 'A cut', text: SHORT, file: join(dir, 'scenarios', 'a-cut.yaml') });
    expect(readFileSync(saved.file!, 'utf8')).toBe(SHORT);
    const again = SHORT.replace('seed: 4', 'seed: 5');
    expect((await lab.saveScenario({ text: again })).file).toBe(saved.file);
    const other = await lab.saveScenario({ text: SHORT.replace('A cut', 'A  cut!') });
    expect(other.file).toBe(join(dir, 'scenarios', 'a-cut-2.yaml'));
    // one that a hand has broken can still be opened
    writeFileSync(join(dir, 'scenarios', 'mine.yaml'), 'lanes: [');
    expect((await lab.savedScenarios()).map((s) => s.name)).toEqual(['A  cut!', 'A cut', 'mine']);
    await expect(lab.saveScenario({ text: 'name: x' })).rejects.toMatchObject({ code: 'bad-scenario' });
    await lab.deleteScenario({ name: 'A cut' });
    expect(existsSync(saved.file!)).toBe(false);
    expect((await lab.savedScenarios()).map((s) => s.name)).toEqual(['A  cut!', 'mine']);
  });
});
