import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import type { Observation } from '../../shared/observation.ts';
import { askCommand } from '../labels/copy-command.ts';
import { copyText } from '../ui/clipboard.ts';
import { useLive } from './live.ts';
import { useSight } from './sight.ts';

export interface MenuAction {
  id: string;
  label: string;
  run: () => void;
}

/** What can be done with one fact, wherever it is shown: in a list, in the ledger, on a ribbon. */
export const useFactMenu = defineStore('fact-menu', () => {
  const live = useLive();
  const sight = useSight();
  const fact = shallowRef<Observation | null>(null);
  const at = ref({ x: 0, y: 0 });

  function openFor(o: Observation, e: { clientX: number; clientY: number }): void {
    fact.value = o;
    at.value = { x: e.clientX, y: e.clientY };
  }
  const close = (): void => void (fact.value = null);

  const copy = (text: string): void => void copyText(text);

  const actions = computed<MenuAction[]>(() => {
    const o = fact.value;
    const run = live.run;
    if (!o || !run) return [];
    const all: MenuAction[] = [];
    const add = (id: string, label: string, act: () => void): void => void all.push({ id, label, run: act });
    const lane = o.lane === null ? undefined : run.lane(o.lane);
    if (o.type === 'drop') add('open', 'Open its card', () => sight.openDrop(o));
    else add('open', 'Open', () => void (sight.opened = o));
    add('show', 'Show it on the ribbons', () => sight.show(o.at));
    const cause = lane && causeOf(o);
    if (cause) add('cause', 'Jump to its cause', () => sight.openDrop(cause));
    const cursor = cursorOf(o);
    if (cursor !== null) add('cursor', `Copy cursor ${cursor}`, () => copy(cursor));
    if (lane) {
      const tool = lane.method === 'websocket' ? 'websocat' : 'curl';
      add('ask', `Copy as ${tool}`, () => copy(askCommand(lane.method, lane.url, run.wire.items, lane.id, o.n)));
    }
    if (o.type === 'event' && o.data !== undefined) add('payload', 'Copy payload', () => copy(o.data ?? ''));
    add('record', 'Copy record', () => copy(JSON.stringify(o)));
    return all;
  });

  /** The drop that a resume, a gap, a repeat or a reconnect goes back to. */
  function causeOf(o: Observation): ReturnType<typeof lastDrop> {
    const follows =
      o.type === 'resume' || o.type === 'gap' || o.type === 'reconnect' || (o.type === 'event' && o.duplicate);
    return follows && o.lane !== null ? lastDrop(o.lane, o.n) : undefined;
  }
  const lastDrop = (lane: string, before: number) => live.run?.lane(lane)?.drops.items.findLast((d) => d.n <= before);

  return { fact, at, actions, openFor, close };
});

function cursorOf(o: Observation): string | null {
  switch (o.type) {
    case 'event':
      return o.cursor ?? o.id;
    case 'resume':
      return o.sent;
    case 'reconnect':
      return o.cursor;
    case 'gap':
      return o.from;
    case 'publish':
      return o.cursor;
    default:
      return null;
  }
}
