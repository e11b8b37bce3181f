/** Keeps one processor busy half of the time. */
import { answerOrders } from '../child.ts';

const MS = 10;
let working = false;

function work(): void {
  const until = performance.now() + MS;
  while (performance.now() < until);
  if (working) setTimeout(work, MS);
}

answerOrders({
  start() {
    working = true;
    work();
  },
  stop() {
    working = false;
  },
});
