/** Icon shapes on a 16 px grid, drawn with the current colour. `d` strokes; `fill` fills. */
export interface Glyph {
  d?: string;
  fill?: string;
  width?: number;
  butt?: boolean;
}

export const ICONS = {
  search: { d: 'M11.25 7a4.25 4.25 0 1 1-8.5 0a4.25 4.25 0 0 1 8.5 0M10.5 10.5l3 3' },
  theme: { d: 'M13.5 8a5.5 5.5 0 1 1-11 0a5.5 5.5 0 0 1 11 0', fill: 'M8 2.5a5.5 5.5 0 0 1 0 11z' },
  caret: { d: 'm5 6.5 3 3 3-3' },
  play: { fill: 'M5 3.5v9l7-4.5z' },
  moon: { d: 'M5.5 3.5v9M10.5 3.5v9' },
  off: { d: 'M2.5 6.5a8 8 0 0 1 11 0M5 9.2a4.4 4.4 0 0 1 6 0M8 12.2v.1M3 13 13 3' },
  cut: { d: 'm4 4 8 8M12 4l-8 8' },
  restart: { d: 'M12.5 6A5 5 0 1 0 13 8.8M12.8 2.8V6H9.6' },
  mute: { d: 'M2 8h2.5L6 5l2.5 6L10 8h4M3 13 13 3' },
  more: { fill: 'M3 6.8h2.4v2.4H3zM6.8 6.8h2.4v2.4H6.8zM10.6 6.8H13v2.4h-2.4z' },
  plus: { d: 'M8 3.5v9M3.5 8h9' },
  close: { d: 'm4.5 4.5 7 7M11.5 4.5l-7 7' },
  previous: { d: 'M4 4v8', fill: 'M12.5 4v8L6 8z' },
  next: { d: 'M12 4v8', fill: 'M3.5 4v8L10 8z' },
  up: { d: 'm4.5 9.5 3.5-3.5 3.5 3.5' },
  down: { d: 'm4.5 6.5 3.5 3.5 3.5-3.5' },
  check: { d: 'm3 8.5 3.2 3.2L13 5' },
  warn: { d: 'M8 2.8 14 13H2zM8 6.8v2.8M8 11.3v.1' },
  copy: { d: 'M5.5 5.5h7v7h-7zM10.5 5.5v-2h-7v7h2' },
  fault: { d: 'M9 2.5 4 9h3.5L7 13.5 12 7H8.5z' },
  clear: { d: 'M3 5.5h10M6.5 5.5v-2h3v2M4.5 5.5l.6 7.5h5.8l.6-7.5' },
  kill: { d: 'M4 4.5h8v3H4zM4 8.5h8v3H4zM2.5 13.5l11-11' },
  lose: { d: 'M4 2.5h5.5l2.5 2.5v8.5H4zM6 8l4 3.5M10 8l-4 3.5' },
  publish: { d: 'M8 3v10M3 8h2M11 8h2', width: 2 },
  undo: { d: 'M5.5 3 2.5 6l3 3M2.5 6H10a3.5 3.5 0 0 1 0 7H6.5' },
  redo: { d: 'm10.5 3 3 3-3 3M13.5 6H6a3.5 3.5 0 0 0 0 7h3.5' },
  lock: { d: 'M4 7.5h8v6H4zM5.5 7.5V5.2a2.5 2.5 0 0 1 5 0v2.3' },
  stop: { fill: 'M4.5 4.5h7v7h-7z' },
  settings: {
    d: 'M2.5 5h6M11.5 5h2M8.5 5a1.5 1.5 0 1 0 3 0a1.5 1.5 0 1 0-3 0M2.5 11h2M7.5 11h6M4.5 11a1.5 1.5 0 1 0 3 0a1.5 1.5 0 1 0-3 0',
  },
  'short-polling': { d: 'M1.5 8h2.6M6.7 8h2.6M11.9 8h2.6', width: 2.5, butt: true },
  'long-polling': { d: 'M2.5 4.5v7h8M10.5 4.5v7M2.5 4.5h8M13.5 4v8' },
  sse: { d: 'M1.5 8h12M9.8 4.2 13.6 8l-3.8 3.8' },
  websocket: { d: 'M2 5.5h11.5M10.5 2.5l3 3-3 3M14 10.5H2.5M5.5 7.5l-3 3 3 3' },
} satisfies Record<string, Glyph>;

export type IconName = keyof typeof ICONS;
