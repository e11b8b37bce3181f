/** The path, alone in a process; with no faults unless it is told some. */
import { Causes } from '../../../src/engine/evidence/causes.ts';
import { realClock } from '../../../src/engine/time/clock.ts';
import { Journal } from '../../../src/engine/journal/journal.ts';
import { Path } from '../../../src/engine/proxy/path.ts';
import { resolveVia } from '../../../src/shared/path/resolve.ts';
import { seeded } from '../../../src/shared/random.ts';
import { answerOrders } from '../child.ts';
import { collect } from '../collect.ts';

const clock = realClock();
const path = new Path({ clock, random: seeded(1), causes: new Causes(), journal: new Journal(clock) });

answerOrders({
  enter(o: { port: number; via?: string[] }) {
    path.set(resolveVia(o.via ?? []));
    return path.enter('bench', '127.0.0.1', o.port);
  },
  collect: () => collect(),
});
