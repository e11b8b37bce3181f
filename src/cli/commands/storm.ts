import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { DEFAULT_POLICY, readPolicy } from '../../engine/storm/policy-file.ts';
import { playStorm } from '../../engine/storm/storm.ts';
import { realClock } from '../../engine/time/clock.ts';
import { codeOf } from '../../shared/failure.ts';
import { BACKOFFS, STORM_LIMITS, type BackoffKind } from '../../shared/storm.ts';
import * as flag from '../args/flags.ts';
import { openOut } from '../process/out.ts';
import { paint } from '../text/paint.ts';
import { stormText } from '../text/storm-text.ts';

interface StormFlags {
  clients: number;
  backoff?: BackoffKind;
  policy?: string;
  outage: number;
  capacity?: number;
  seed?: number;
  json?: boolean;
}

const EXAMPLES = `
The clients' back-off is the one of the lanes, played in virtual time: nothing is dialled.
A policy is a file: {backoff: full-jitter, base: 500ms, cap: 30s, floor: 100ms}.

Examples:
    heartline storm --clients 1000000 --outage 10m --capacity 20000/s
    heartline storm --clients 5000 --backoff none --outage 5s --capacity 500/s
    heartline storm --clients 50000 --policy patient.yaml --seed 7 --json`;

export const stormCommand = (): Command =>
  new Command('storm')
    .summary('a reconnect stampede in virtual time')
    .description('Drops so many clients at once and shows when they come back, and what that asks of a server.')
    .requiredOption('--clients <N>', `how many, at most ${STORM_LIMITS.clients}`, clients)
    .option('--backoff <KIND>', BACKOFFS.join(', '), flag.oneOf('--backoff', BACKOFFS))
    .option('--policy <FILE>', 'the back-off as a file')
    .option('--outage <T>', 'how long the server is away', outage, 30_000)
    .option('--capacity <N/s>', 'connections a second the server takes (default: all)', flag.rate('--capacity'))
    .option('--seed <N>', 'to have the same storm again', flag.seed('--seed'))
    .option('--json', 'one JSON line')
    .addHelpText('after', EXAMPLES)
    .action(storm);

function clients(text: string): number {
  const count = flag.count('--clients')(text);
  if (count > STORM_LIMITS.clients) {
    throw flag.refuse('--clients', `${text} are too many.`, `Give at most ${STORM_LIMITS.clients}.`);
  }
  return count;
}

function outage(text: string): number {
  const ms = flag.duration('--outage', 0)(text);
  if (ms > STORM_LIMITS.outageMs) throw flag.refuse('--outage', `${text} is out of range.`, 'Give at most 1h.');
  return ms;
}

async function storm(flags: StormFlags): Promise<void> {
  const out = openOut(flags.json === true, () => process.exit(0));
  const policy = flags.policy === undefined ? { ...DEFAULT_POLICY } : readPolicyFile(flags.policy);
  if (flags.backoff !== undefined) policy.kind = flags.backoff;
  const result = await playStorm(
    {
      clients: flags.clients,
      outageMs: flags.outage,
      capacity: flags.capacity ?? null,
      policy,
      seed: flags.seed ?? randomInt(2 ** 32),
    },
    realClock(),
    true,
  );
  if (out.json) out.record({ v: 1, type: 'storm', ...result });
  else process.stdout.write(`${stormText(result, paint(out.colour))}\n`);
}

function readPolicyFile(file: string): ReturnType<typeof readPolicy> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw flag.refuse('--policy', `${file} cannot be read (${codeOf(error) ?? 'unknown'}).`, 'Name a file that can.');
  }
  return readPolicy(text, file);
}
