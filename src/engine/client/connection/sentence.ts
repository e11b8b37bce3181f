/** What was seen of an end, as a notice says it: `answers text/html` → `The server answers text/html.` */
export function sentence(detail: string): string {
  const whole = /^(answer(s|ed)|was redirected) /.test(detail)
    ? `the ${detail.startsWith('was') ? 'request' : 'server'} ${detail}`
    : detail;
  return `${whole.charAt(0).toUpperCase()}${whole.slice(1)}${/[.!?…]$/.test(whole) ? '' : '.'}`;
}
