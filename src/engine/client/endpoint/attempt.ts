/** What an endpoint lays around the request that a dialect plans: afresh at every attempt. */
import type { TemplateValues } from '../../../shared/dialect/template.ts';

/** What the dialect says of a request. */
export interface PlannedRequest {
  url: string;
  /** Null: nothing is said. */
  method: string | null;
  /** What a resume asks by; it outranks the endpoint's. A GET of it has no body. */
  resumeMethod?: string;
  /** Names in lower case; they lie over those of the endpoint. */
  headers: Record<string, string>;
  body: string | null;
}

/** A request as it goes out. */
export interface AttemptRequest {
  url: string;
  method: string;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: string | null;
  /** Names of the headers that a person gave, or that hold what they gave: they do not follow to another origin. */
  userHeaders: string[];
}

/** What is known for one attempt: the token that holds now, and what the texts of the endpoint come to with it. */
export interface Attempt {
  /** `token`, `var.NAME`, `secret.NAME`, `channel`, `base`. */
  values: TemplateValues;
  /**
   * The planned request with what the endpoint itself says laid under it.
   * @param accept what is accepted, unless a person says otherwise
   * @param cursor what `{cursor}` stands for in the endpoint's own texts
   * @throws NoValue
   */
  request(plan: PlannedRequest, accept: string, cursor: string | null): AttemptRequest;
  /** What the endpoint has a WebSocket offer, before the dialect's. */
  subprotocols(): string[];
  /** What the endpoint has a WebSocket send once it stands, after the dialect's. @throws NoValue */
  open(cursor: string | null): string[];
}

/** A promise only where there is something to wait for: most attempts need no new token. */
export type MaybePromise<T> = T | Promise<T>;

/** Goes on with a value, at once where it is there. */
export function whenReady<T>(value: MaybePromise<T>, go: (value: T) => void, failed: (error: unknown) => void): void {
  if (value instanceof Promise) value.then(go).catch(failed);
  else {
    try {
      go(value);
    } catch (error) {
      failed(error);
    }
  }
}
