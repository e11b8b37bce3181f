/** Keeps one processor busy half of the time. */
import { answerOrders } from '../child.ts';

const MS = 10;
let rest: NodeJS.Timeout | undefined;

function work(): void {
  const until = performance.now() + MS;
  while (performance.now() < until);
  rest = setTimeout(work, MS);
}

answerOrders({
  start: () => work(),
  stop: () => clearTimeout(rest),
});
