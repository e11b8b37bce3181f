import { Command } from 'commander';
import { Failure } from '../../shared/failure.ts';

export const notInThisVersion = (what: string, place: string | null, hint: string): Failure =>
  new Failure({
    code: 'not-in-this-version',
    message: `${what} is not in this version.`,
    hint,
    exit: 2,
    ...(place === null ? {} : { place }),
  });

/** Promised by name, so that a script learns why it fails. */
const UNAVAILABLE: Record<string, string> = {
  compare: 'two recordings side by side',
};

export const unavailableCommands = (): Command[] =>
  Object.entries(UNAVAILABLE).map(([name, what]) =>
    new Command(name)
      .summary(`${what} (not in this version)`)
      .description(`${what}. It is not in this version.`)
      .allowUnknownOption()
      .argument('[anything...]')
      .action(() => {
        throw notInThisVersion(`The command ${name}`, null, 'heartline --help lists what is.');
      }),
  );
