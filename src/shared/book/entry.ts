/** One saved endpoint as its file has it: the keys of a scenario's `target:`, a name and a folder. */
import * as v from 'valibot';
import { DEFAULTS } from '../defaults.ts';
import { formatDuration } from '../duration.ts';
import { isRecord } from '../guards.ts';
import { issueProblem, keyPath, unknownKeys } from '../scenario/problems.ts';
import { targetFileSchema, targetOfFile } from '../scenario/target-schema.ts';
import type { RemoteTarget } from '../target.ts';

export interface Entry {
  target: RemoteTarget;
  folder: string | null;
}

/** What an entry says; else its first problem, and the keys that lead to it. */
export type EntryReading =
  { ok: true; entry: Entry } | { ok: false; path: (string | number)[]; message: string; hint?: string };

const DEFAULT = { channel: DEFAULTS.channel, dialect: 'plain' };

export function readEntry(value: unknown): EntryReading {
  if (!isRecord(value)) return { ok: false, path: [], message: 'It is no endpoint.', hint: 'Begin with name: and urls:.' };
  const { name, folder = null, ...file } = value;
  if (typeof name !== 'string' || name.trim() === '') {
    return { ok: false, path: ['name'], message: 'The endpoint needs a name.', hint: 'Any word will do.' };
  }
  if (folder !== null && typeof folder !== 'string') {
    return { ok: false, path: ['folder'], message: 'It is not the name of a folder.', hint: 'Any words will do.' };
  }
  const [unknown] = unknownKeys(targetFileSchema, file);
  const read = v.safeParse(targetFileSchema, file);
  const problem = unknown ?? (read.success ? undefined : issueProblem(read.issues[0]));
  if (problem || !read.success) {
    const { path = [], message = 'It is no endpoint.', hint } = problem ?? {};
    return { ok: false, path: [...path], message: `${keyPath(path)}: ${message}`, ...(hint === undefined ? {} : { hint }) };
  }
  return { ok: true, entry: { target: targetOfFile(read.output, name, null, DEFAULT), folder: folder === '' ? null : folder } };
} // prettier-ignore

/** The other way round: without what is a default. */
export function entryOf({ target, folder }: Entry): Record<string, unknown> {
  const { kind: _, name, base, urls, channel, headers, dialect, deadlineMs, timeouts, ...rest } = target;
  return dropEmpty({
    name,
    folder,
    base,
    urls,
    channel: channel === DEFAULT.channel ? null : channel,
    dialect: dialect === DEFAULT.dialect ? null : dialect,
    headers,
    ...rest,
    deadline: deadlineMs === undefined ? null : formatDuration(deadlineMs),
    timeouts: {
      connect: timeouts?.connectMs === undefined ? null : formatDuration(timeouts.connectMs),
      head: timeouts?.headMs === undefined ? null : formatDuration(timeouts.headMs),
    },
  });
}

function dropEmpty(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(record).flatMap(([key, value]) => {
      const left = isRecord(value) ? dropEmpty(value) : value;
      const empty = left === null || left === undefined || (isRecord(left) && Object.keys(left).length === 0);
      return empty || (Array.isArray(left) && left.length === 0) ? [] : [[key, left]];
    }),
  );
}
