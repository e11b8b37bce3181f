import type { EndpointHost } from '../../engine/run/run-endpoint.ts';
import type { Library } from '../../engine/library/library.ts';

/** What a command line lends an endpoint: this process's environment, and its word for the commands that stand on it. */
export const endpointHost = (o: {
  /** What is kept in the data folder, where a saved endpoint is followed. */
  library: Library | null;
  command?: string | undefined;
  allowCommands?: boolean | undefined;
}): EndpointHost => ({
  environment: process.env,
  mayRun: (command) =>
    o.allowCommands === true || command === o.command || (o.library?.secrets.isConfirmed(command) ?? false),
});
