import type { Evidence } from '../../shared/catalog.ts';

/** What a socket error is evidence of, by its system code. */
export function evidenceOfSocketError(error: NodeJS.ErrnoException): Evidence {
  switch (error.code) {
    case 'ECONNRESET':
    case 'EPIPE': // a write met the reset first
    case 'ECONNABORTED':
      return 'rst';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'ENODATA':
      return 'dns';
    case 'ETIMEDOUT':
      return 'connect-timeout';
    default: // ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, or several of them in one AggregateError
      return 'refused';
  }
}
