/** What a client may get from an intermediary whose patience is over, and the words for it. */

/** Before any answer. */
export const UNANSWERED_OPTIONS = {
  '504': '504 Gateway Timeout',
  '502': '502 Bad Gateway',
  '503': '503 Service Unavailable',
  '408': '408 Request Timeout',
  '500': '500 Internal Server Error',
  '524': '524 (Cloudflare: the origin timed out)',
  fin: 'FIN without an answer',
  rst: 'RST without an answer',
  none: 'Nothing: it goes on waiting',
};

/** In the middle of an answer. */
export const STREAM_OPTIONS = {
  aborted: 'FIN, the answer cut short',
  clean: 'A clean end, as if it were complete; the connection is kept',
  rst: 'RST',
  none: 'Nothing: it goes on',
};

/** After an Upgrade. */
export const TUNNEL_OPTIONS = {
  fin: 'FIN without a close frame (1006 in a browser)',
  rst: 'RST',
  'close-1000': 'A close frame with 1000, then FIN',
  'close-1001': 'A close frame with 1001, then FIN',
  none: 'Nothing: it goes on',
};

export const ORIGIN_OPTIONS = { fin: 'FIN', rst: 'RST', none: 'Nothing' };
