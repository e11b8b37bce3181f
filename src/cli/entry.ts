import { VERSION } from './process/home.ts';

// The version alone needs none of the engine, which takes longer to load than to say it.
const [asked, ...more] = process.argv.slice(2);
if ((asked === '--version' || asked === '-V') && more.length === 0) process.stdout.write(`${VERSION}\n`);
else await import('./index.ts');
