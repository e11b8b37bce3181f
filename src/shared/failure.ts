import { fieldOf } from './guards.ts';
/** An error a person can act on: a code for programs, a sentence, a way out, and the place it is about. */
export interface FailureData {
  /** Kebab-case, stable: `bad-duration`, `unknown-preset`, `port-in-use` … */
  code: string;
  message: string;
  /** What would do instead, as a sentence. */
  hint?: string;
  /** The flag, field, line or key at fault: `--hold`, `target.url`, `line 12` … */
  place?: string;
  /** HTTP status or process exit code class: 2 = bad usage, 3 = could not reach or start. */
  exit?: 1 | 2 | 3;
}

export class Failure extends Error implements FailureData {
  readonly code: string;
  readonly hint?: string;
  readonly place?: string;
  readonly exit?: 1 | 2 | 3;

  constructor(data: FailureData) {
    super(data.message);
    this.name = 'Failure';
    this.code = data.code;
    if (data.hint !== undefined) this.hint = data.hint;
    if (data.place !== undefined) this.place = data.place;
    if (data.exit !== undefined) this.exit = data.exit;
  }

  /** Plain data, since neither structured clone nor JSON keeps an error's fields. */
  toData(): FailureData {
    return failureData(this);
  }
}

/** Whatever was thrown, as data that may cross a process. */
export function failureData(thrown: unknown): FailureData {
  if (thrown instanceof Error) {
    const e = thrown as Error & Partial<FailureData>; // cast: what an error may carry besides its message
    return {
      code: typeof e.code === 'string' ? e.code : 'internal',
      message: e.message,
      ...(e.hint === undefined ? {} : { hint: e.hint }),
      ...(e.place === undefined ? {} : { place: e.place }),
      ...(e.exit === undefined ? {} : { exit: e.exit }),
    };
  }
  return { code: 'internal', message: String(thrown) };
}

/** What was thrown, as a sentence. */
export const messageOf = (thrown: unknown): string => failureData(thrown).message;

/** The code of what was thrown, such as `ENOENT`; undefined where it has none. */
export function codeOf(thrown: unknown): string | undefined {
  const code = fieldOf(thrown, 'code');
  return typeof code === 'string' ? code : undefined;
}

/** One line for people: `--hold: "5x" is not a duration. Write 250ms, 10s or 5m.` */
export function failureText(f: FailureData): string {
  return `${f.place ? `${f.place}: ` : ''}${f.message}${f.hint ? ` ${f.hint}` : ''}`;
}
