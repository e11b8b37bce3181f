/** A dialect as a file of version 2 that can be read again: only what differs from the defaults. */
import { stringify } from 'yaml';
import { formatDuration } from '../duration.ts';
import { METHODS } from '../catalog.ts';
import type {
  AfterEnd,
  CodeRange,
  Condition,
  Dialect,
  Expectation,
  MessageRule,
  MethodDialect,
  RequestRules,
  TimePlace,
  ValuePlace,
} from './model.ts';

type Plain = Record<string, unknown>;

export function dialectToYaml(dialect: Dialect): string {
  return stringify(dialectToPlain(dialect), { lineWidth: 110, flowCollectionPadding: false });
}

export function dialectToPlain({ name, label, ids, methods, publish, start }: Dialect): Plain {
  return said({
    dialect: 2,
    name,
    label,
    ids: said({
      kind: ids.kind,
      next: ids.next === 'same' ? null : ids.next,
      epoch: ids.epoch,
      previous: place(ids.previous),
    }),
    publish,
    start: start.earliest === null && start.now === null ? null : said({ ...start }),
    methods: Object.fromEntries(
      METHODS.flatMap((method) => {
        const block = methods[method];
        return block ? [[method, plainMethod(block)]] : [];
      }),
    ),
  });
}

/** Without what is null, undefined or empty. */
function said(plain: Plain): Plain {
  return Object.fromEntries(Object.entries(plain).filter(([, value]) => value !== null && value !== undefined));
}

const list = <T>(items: readonly T[]): readonly T[] | null => (items.length === 0 ? null : items);

function plainMethod(m: MethodDialect): Plain {
  return said({
    url: m.url,
    first: request(m.first),
    resume: m.resume === 'none' ? 'none' : m.resume && (request(m.resume) ?? {}),
    subprotocols: list(m.subprotocols),
    framing: m.framing,
    open: list(
      m.open.map(({ send, await: awaited, withinMs }) =>
        said({ send, await: awaited && expectation(awaited), within: awaited && formatDuration(withinMs) }),
      ),
    ),
    hold: m.hold && { [m.hold.in]: m.hold.name, unit: m.hold.in === 'prefer' ? undefined : m.hold.unit },
    pace:
      m.pace &&
      said({
        ...m.pace.place,
        unit: m.pace.place && m.pace.unit,
        floor: m.pace.floorMs > 0 ? formatDuration(m.pace.floorMs) : null,
        idle: m.pace.idle || null,
      }),
    pages: m.pages && said({ ...m.pages }),
    cursor: m.cursor === null || m.cursor === 'validators' ? m.cursor : place(m.cursor),
    resumed: m.resumed,
    nothingNew: m.nothingNew.join() === '204,304' ? null : m.nothingNew,
    each: m.each,
    more: m.more,
    ended: m.ended,
    ends: m.ends,
    messages: m.messages.length === 1 && isBare(m.messages[0]!) ? null : m.messages.map(rule),
    beat:
      m.beat &&
      said({
        every:
          typeof m.beat.every === 'number'
            ? formatDuration(m.beat.every)
            : m.beat.every && { at: place(m.beat.every.place), unit: m.beat.every.unit },
        send: m.beat.send,
        expect: m.beat.expect && expectation(m.beat.expect),
        within: m.beat.withinMs === null ? null : formatDuration(m.beat.withinMs),
      }),
    after: after(m.after),
  });
}

function request({ method, query, headers, body, validators }: RequestRules): Plain | null {
  const plain = said({
    method,
    query: Object.keys(query).length === 0 ? null : query,
    headers: Object.keys(headers).length === 0 ? null : headers,
    validators,
  });
  if (body !== undefined) plain['body'] = body;
  return Object.keys(plain).length === 0 ? null : plain;
}

const isBare = (r: MessageRule): boolean => Object.keys(rule(r)).join() === 'is' && r.is === 'event';

function rule(r: MessageRule): Plain {
  return said({
    when: r.when.length === 0 ? null : conditions(r.when),
    is: r.is,
    id: place(r.id),
    previous: place(r.previous),
    type: place(r.type),
    time: r.time && time(r.time),
    data: place(r.data),
    token: r.token || null,
    text: place(r.text),
    newest: place(r.newest),
    oldest: place(r.oldest),
    missed: place(r.missed),
    reason: place(r.reason),
    then: r.then,
    each: r.each,
    answer: r.answer,
  });
}

const conditions = (all: readonly Condition[]): Plain =>
  Object.fromEntries(
    all.map(({ on, pointer, test }) => [on === 'pointer' ? pointer : on, 'equals' in test ? test.equals : test]),
  );

const expectation = (e: Expectation): unknown => ('like' in e ? e.like : conditions(e.conditions));

const place = (p: ValuePlace | null): unknown => (p === null ? null : 'pointer' in p ? p.pointer : { ...p });

function time({ unit, ...where }: TimePlace): unknown {
  const at = place(where);
  return unit === null ? at : { at, unit };
}

function after({ status, close, lost }: MethodDialect['after']): Plain | null {
  const codes = (ranges: readonly CodeRange[]): Record<string, AfterEnd> | null =>
    ranges.length === 0 ? null : Object.fromEntries(ranges.map(({ from, to, then }) => [codeText(from, to), then]));
  const plain = said({ status: codes(status), close: codes(close), lost });
  return Object.keys(plain).length === 0 ? null : plain;
}

function codeText(from: number, to: number): string {
  if (from === to) return String(from);
  return from % 100 === 0 && to === from + 99 && from < 1000 ? `${from / 100}xx` : `${from}-${to}`;
}
