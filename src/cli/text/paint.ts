export type Colour = 'red' | 'green' | 'yellow' | 'cyan' | 'dim' | 'bold';
const CODES: Record<Colour, [number, number]> = {
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
  dim: [2, 22],
  bold: [1, 22],
};

export type Paint = (colour: Colour, text: string) => string;
export const paint = (on: boolean): Paint =>
  on ? (c, t) => `\x1b[${CODES[c][0]}m${t}\x1b[${CODES[c][1]}m` : (_, t) => t;
