import { expect, it } from 'vitest';
import { usageError } from '../../../src/cli/args/usage-error.ts';

it.each([
  [
    "error: unknown command 'wach'\n(Did you mean watch?)\n",
    "unknown command 'wach'. Did you mean watch? heartline --help lists the commands.",
  ],
  ["error: unknown command 'x'\n", "unknown command 'x'. heartline --help lists the commands."],
  ["error: unknown option '--methd'\n(Did you mean --method?)\n", "unknown option '--methd'. Did you mean --method?"],
  [
    "error: missing required argument 'RECORDING'\n",
    "missing required argument 'RECORDING'. heartline <command> --help tells what it takes.",
  ],
])('%j has our name before it and a way out after it', (message, want) => {
  expect(usageError(message)).toBe(`heartline: ${want}\n`);
});
