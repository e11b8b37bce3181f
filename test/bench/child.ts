/** One process of a benchmark, spoken to over its IPC channel: an order in, an answer out. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Child {
  pid: number;
  /** Sends an order and resolves with what the process answers. */
  ask<Answer>(order: object): Promise<Answer>;
  stop(): Promise<void>;
}

type Message = { ref: number; answer?: unknown; error?: string };

/** @param script file name in `processes/` */
export function startChild(script: string, nodeFlags: string[] = []): Child {
  const child = fork(fileURLToPath(new URL(`./processes/${script}`, import.meta.url)), [], {
    execArgv: ['--disable-warning=ExperimentalWarning', ...nodeFlags],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const waiting = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void }>();
  let refs = 0;
  child.on('message', (message) => {
    const { ref, answer, error } = message as Message;
    const caller = waiting.get(ref);
    waiting.delete(ref);
    if (error === undefined) caller?.resolve(answer);
    else caller?.reject(new Error(`${script}: ${error}`));
  });
  const gone = new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      for (const { reject } of waiting.values()) reject(new Error(`${script} ended (${code ?? signal})`));
      resolve();
    });
  });
  return {
    pid: child.pid!,
    ask: <Answer>(order: object) =>
      new Promise<Answer>((resolve, reject) => {
        const ref = ++refs;
        waiting.set(ref, { resolve: resolve as (answer: unknown) => void, reject });
        child.send({ ref, order });
      }),
    async stop() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}

/** The other side: answers each order by name; ends when the asker is gone. */
export function answerOrders(handlers: Record<string, (order: any) => unknown>): void {
  const answer = async (message: unknown): Promise<void> => {
    const { ref, order } = message as { ref: number; order: { do: string } };
    try {
      process.send!({ ref, answer: await handlers[order.do]!(order) });
    } catch (error) {
      process.send!({ ref, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  };
  process.on('message', (message) => void answer(message));
  process.once('disconnect', () => process.exit(0));
}
