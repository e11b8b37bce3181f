/** Calls back before each frame the browser draws; while the page is hidden, once a second instead. */
export function everyFrame(fn: (at: number) => void): () => void {
  let running = true;
  let handle = 0;
  const step = (at: number): void => {
    if (!running) return;
    handle = requestAnimationFrame(step);
    fn(at);
  };
  handle = requestAnimationFrame(step);
  const hidden = setInterval(() => {
    if (document.hidden) fn(performance.now());
  }, 1000);
  return () => {
    running = false;
    cancelAnimationFrame(handle);
    clearInterval(hidden);
  };
}

/** Frames a second over the last second, reported once a second. */
export function frameRate(report: (fps: number) => void): (at: number) => void {
  let since = 0;
  let frames = 0;
  return (at) => {
    if (since === 0) since = at;
    frames++;
    if (at - since < 1000) return;
    report(Math.round((frames * 1000) / (at - since)));
    since = at;
    frames = 0;
  };
}
