import { posix } from 'node:path';
import { importsOf, type Source } from './sources.ts';

interface Import {
  from: string;
  to: string;
  line: number;
}

/** In one folder: what each of its files and folders imports of the others, and where. */
type Siblings = Map<string, Map<string, Import>>;

/**
 * A sentence for each cycle in a folder. What stands side by side in it, a file or a whole folder with all that is in
 * it, may import each other in one direction only: so no cycle of files and none of folders can hide anywhere.
 */
export function cycleProblems(sources: Source[]): string[] {
  const problems: string[] = [];
  for (const [folder, siblings] of [...foldersOf(sources)].sort(([a], [b]) => (a < b ? -1 : 1))) {
    for (const cycle of cyclesOf(siblings)) problems.push(sentence(folder, cycle, siblings));
  }
  return problems;
}

function foldersOf(sources: Source[]): Map<string, Siblings> {
  const known = new Set(sources.map(({ path }) => path));
  const folders = new Map<string, Siblings>();
  for (const source of sources) {
    for (const { specifier, line } of importsOf(source)) {
      if (!specifier.startsWith('.')) continue;
      const to = posix.join(posix.dirname(source.path), specifier);
      if (known.has(to) && to !== source.path) note(folders, { from: source.path, to, line });
    }
  }
  return folders;
}

/** Notes an import where its two ends part: in the innermost folder that holds both. */
function note(folders: Map<string, Siblings>, one: Import): void {
  const [from, to] = [one.from.split('/'), one.to.split('/')];
  let depth = 0;
  while (from[depth] === to[depth]) depth++;
  const folder = from.slice(0, depth).join('/');
  const siblings: Siblings = folders.get(folder) ?? new Map();
  const imported = siblings.get(from[depth]!) ?? new Map<string, Import>();
  if (!imported.has(to[depth]!)) imported.set(to[depth]!, one);
  folders.set(folder, siblings.set(from[depth]!, imported));
}

/** Each set of siblings that import each other in a circle, by the shortest way round from its first name. */
function cyclesOf(siblings: Siblings): string[][] {
  const found: string[][] = [];
  const covered = new Set<string>();
  for (const name of [...siblings.keys()].sort()) {
    if (covered.has(name)) continue;
    const cycle = shortestWay(siblings, name, name);
    if (!cycle) continue;
    found.push(cycle);
    cycle.forEach((one) => covered.add(one));
  }
  return found;
}

/** From one to the other by imports, both included; null where there is no way. */
function shortestWay(siblings: Siblings, from: string, to: string): string[] | null {
  const ways: string[][] = [[from]];
  const seen = new Set<string>();
  for (const way of ways) {
    for (const next of siblings.get(way.at(-1)!)?.keys() ?? []) {
      if (next === to) return [...way, next];
      if (seen.has(next)) continue;
      seen.add(next);
      ways.push([...way, next]);
    }
  }
  return null;
}

function sentence(folder: string, cycle: string[], siblings: Siblings): string {
  const steps = cycle.slice(1).map((to, i) => {
    const { from, line, to: file } = siblings.get(cycle[i]!)!.get(to)!;
    return `  ${from}:${line} imports ${file}`;
  });
  const names = [...new Set([...siblings.keys(), ...[...siblings.values()].flatMap((to) => [...to.keys()])])].sort();
  const first = cycle[0]!;
  const allowed = names.filter((name) => name !== first && !shortestWay(siblings, name, first));
  return [
    `In ${folder}, ${cycle.join(' → ')} is a cycle:`,
    ...steps,
    `${folder}/${first} may import only what does not lead back to it${allowed.length > 0 ? `: ${allowed.join(', ')}` : ''}. ` +
      'Move what both need beneath them, or hand it in.',
  ].join('\n');
}
