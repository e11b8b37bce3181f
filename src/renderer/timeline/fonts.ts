/** The canvas's type, as the tokens have it: 11 px labels. */
const label = (weight: number): string => `${weight} 11px Inter, ui-sans-serif, system-ui, sans-serif`;
export const FONT = {
  plain: label(400),
  label: label(500),
  strong: label(550),
  loss: label(600),
  mono: '500 11px "JetBrains Mono", ui-monospace, Consolas, monospace',
} as const;
