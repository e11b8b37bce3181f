import { Command } from 'commander';
import { METHODS, type Method } from '../../shared/catalog.ts';
import * as flag from '../args/flags.ts';
import { addKey, confirmCommand, dropKey, secretsStatus, setSecret } from '../endpoints/secrets.ts';
import { exportEndpoints } from '../endpoints/export.ts';
import { importEndpoints } from '../endpoints/import.ts';
import { listEndpoints, removeEndpoint, showEndpoint } from '../endpoints/list.ts';

const EXAMPLES = `
Examples:
  What a browser copied, as an endpoint (its token goes into the encrypted store):
    heartline endpoints import "curl 'https://api.example/stream' -H 'Authorization: Bearer …'"
  A HAR file: what streams in it, or one entry by its number:
    heartline endpoints import traffic.har --entry 12 --name 'Orders feed'
  What is kept, with the variables of a file filled in; one of them; all of them for a colleague, without secrets:
    heartline endpoints list --env staging.env
    heartline endpoints show 'Orders feed'
    heartline endpoints export > endpoints.yaml
  Follow one:
    heartline watch --endpoint 'Orders feed'

Secrets stand in one encrypted file. HEARTLINE_KEY, HEARTLINE_KEY_FILE and HEARTLINE_PASSPHRASE open it, whichever it was set up with.
Exit codes: 0 fine, 2 bad usage or what cannot be understood, 3 secrets that are locked or files that cannot be written.`;

const methodFlag = flag.method('--method');
const envFlag = ['--env <FILE>', 'variables from this file: NAME=value on each line, or a map in YAML'] as const;
const jsonFlag = ['--json', 'JSON records on stdout, people’s text on stderr'] as const;

export function endpointsCommand(): Command {
  const all = new Command('endpoints')
    .summary('the saved endpoints: list, show, import, export')
    .description('Keeps the endpoints that you follow, with how each is asked, and without a secret in the file.')
    .addHelpText('after', EXAMPLES);
  const commands = [
    new Command('list')
      .description('What is kept, by folder.')
      .option(...envFlag)
      .option(...jsonFlag)
      .action(listEndpoints),
    new Command('show')
      .description('One of them: its keys, and its request as a curl command.')
      .argument('<NAME>')
      .option(...envFlag)
      .option(...jsonFlag)
      .action(showEndpoint),
    new Command('import')
      .description('Keeps what a curl command, a HAR file or a file of endpoints says.')
      .argument('<FILE|CURL>', 'a file, a whole curl command in quotes, or - for stdin')
      .option('--name <NAME>', 'how to call it, where it is one')
      .option('--folder <FOLDER>', 'the folder it goes into')
      .option('--method <METHOD>', `how it is followed: ${METHODS.join(', ')}`, (text: string): Method => methodFlag(text))
      .option('--entry <N>', 'of a HAR file: this entry; may repeat', (text: string, before?: number[]) => [
        ...(before ?? []),
        flag.count('--entry')(text),
      ])
      .option('--allow-commands', 'run the token commands that come with it')
      .option('--env <FILE>', 'keep the variables of this file as an environment of its name')
      .option(...jsonFlag)
      .action(importEndpoints),
    new Command('export')
      .description('All of them, or those named, as a file of endpoints without secrets.')
      .argument('[NAME...]')
      .option('--env <FILE>', 'fill in the variables of this file')
      .option(...jsonFlag)
      .action(exportEndpoints),
    new Command('remove')
      .description('Removes one, and the secrets that nobody else names.')
      .argument('<NAME>')
      .action(removeEndpoint),
    new Command('confirm')
      .description('Lets the token command of an endpoint be run.')
      .argument('<NAME>')
      .action(confirmCommand),
    new Command('secrets')
      .description('How the secrets are kept, and what they are called; sets one; adds or drops a key that opens them.')
      .option('--set <NAME>', 'give a secret its value, read from stdin')
      .option(
        '--add-key <KIND>',
        'passphrase (from HEARTLINE_PASSPHRASE), key-file (HEARTLINE_KEY_FILE) or env (HEARTLINE_KEY)',
        flag.oneOf('--add-key', ['passphrase', 'key-file', 'env']),
      )
      .option('--drop-key <KIND>', 'os, passphrase, key-file or env', flag.oneOf('--drop-key', ['os', 'passphrase', 'key-file', 'env']))
      .option(...jsonFlag)
      .action(async (flags: { set?: string; addKey?: 'passphrase' | 'key-file' | 'env'; dropKey?: 'os' | 'passphrase' | 'key-file' | 'env'; json?: boolean }) => {
        if (flags.set !== undefined) await setSecret(flags.set);
        if (flags.addKey) addKey(flags.addKey);
        if (flags.dropKey) dropKey(flags.dropKey);
        secretsStatus(flags);
      }),
  ]; // prettier-ignore
  for (const command of commands) {
    command.copyInheritedSettings(all);
    all.addCommand(command);
  }
  return all;
}
