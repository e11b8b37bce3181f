/** What commander says of bad usage, as the rest of the command line says things: with our name, and a way out. */
export function usageError(said: string): string {
  const [first = '', ...rest] = said
    .trim()
    .replace(/^error: /, '')
    .split('\n');
  const near = rest.map((line) => line.replace(/^\((.*)\)$/, '$1')).join(' ');
  const out =
    near !== '' ? near : first.includes('unknown command') ? '' : 'heartline <command> --help tells what it takes.';
  const all = first.includes('unknown command') ? 'heartline --help lists the commands.' : '';
  return `heartline: ${[`${first.replace(/\.$/, '')}.`, out, all].filter((part) => part !== '').join(' ')}\n`;
}
