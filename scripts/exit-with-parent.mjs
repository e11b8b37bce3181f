// @ts-check
// npm runs a script through a shell, and SIGTERM ends that shell alone: the program would go on with nobody to stop it. A
// program whose parent has exited sends itself the SIGTERM it did not get.
const parent = process.ppid;
if (process.env['npm_lifecycle_event'] && process.platform !== 'win32') {
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 250);
  watch.unref();
}
