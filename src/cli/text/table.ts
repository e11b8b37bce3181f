/** Columns that line up: the first to the left, the others where `align` says. Colour codes take no room. */
export function table(rows: readonly (readonly string[])[], align: 'left' | 'right' = 'right'): string {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, width(cell))));
  return rows
    .map((row) =>
      (
        '  ' +
        row
          .map((cell, i) => {
            const room = ' '.repeat(widths[i]! - width(cell));
            return i === 0 || align === 'left' ? cell + room : room + cell;
          })
          .join('   ')
      ).trimEnd(),
    )
    .join('\n');
}

// eslint-disable-next-line no-control-regex -- ANSI colours
const width = (text: string): number => text.replaceAll(/\x1b\[\d+m/g, '').length;
