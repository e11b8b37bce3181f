/** Throws away what nobody needs any more and gives the room back, so that what stays resident is in use. `--expose-gc` */
export async function collect(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    await globalThis.gc!({ type: 'major', flavor: 'last-resort', execution: 'async' });
    await new Promise((resolve) => setTimeout(resolve, 50)); // what is freed in the background
  }
}
