// @ts-check
// npm runs a script through a shell, and a shell that is told to end (SIGTERM) ends alone: the program would go on without
// anybody to stop it. A program whose parent has gone takes that as the word it was not given, and ends politely.
const parent = process.ppid;
if (process.env['npm_lifecycle_event'] && process.platform !== 'win32') {
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 250);
  watch.unref();
}
