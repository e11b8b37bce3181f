import type { Product } from './product.ts';

/** Services whose limits are set, or cannot be. */
export const CLOUDS: readonly Product[] = [
  {
    name: 'alb',
    label: 'AWS Application Load Balancer',
    lines: {
      'idle-limit': [
        'aws elbv2 modify-load-balancer-attributes --load-balancer-arn ARN \\',
        '  --attributes Key=idle_timeout.timeout_seconds,Value=4000',
      ],
      'hold-limit': [
        'aws elbv2 modify-load-balancer-attributes --load-balancer-arn ARN \\',
        '  --attributes Key=idle_timeout.timeout_seconds,Value=4000',
      ],
      'keep-alive': ['# the origin’s keep-alive has to be longer than the balancer’s idle timeout of 60 s'],
    },
  },
  {
    name: 'nlb',
    label: 'AWS Network Load Balancer',
    lines: {
      'idle-limit': [
        'aws elbv2 modify-listener-attributes --listener-arn ARN \\',
        '  --attributes Key=tcp.idle_timeout.seconds,Value=6000',
        '# and a heartbeat every {beat} s: at its limit it drops without telling',
      ],
      zombie: [
        '# it drops silent connections without telling: a heartbeat every {beat} s, and a watchdog at the client',
      ],
    },
  },
  {
    name: 'api-gateway',
    label: 'AWS API Gateway',
    lines: {
      'idle-limit': ['# 10 min without a message end a WebSocket, and cannot be raised: a message every {beat} s'],
      lifetime: ['# 2 h end every WebSocket, 29 s every request: let clients resume from their cursor'],
      'hold-limit': ['# an answer has to come within 29 s: hold polls for 25 s at most'],
    },
  },
  {
    name: 'cloudflare',
    label: 'Cloudflare',
    lines: {
      'idle-limit': ['# 100 s without a byte: a comment or Ping every {beat} s (only Enterprise can raise the limit)'],
      'hold-limit': ['# 524 after 100 s: answer a held poll within 90 s'],
      buffered: ['Cache-Control: no-cache, no-transform', 'X-Accel-Buffering: no'],
      compressed: ['Cache-Control: no-cache, no-transform'],
      cached: ['Cache-Control: no-store'],
    },
  },
  {
    name: 'heroku',
    label: 'Heroku',
    lines: {
      'idle-limit': ['# 55 s without a byte (H15) cannot be raised: a comment or Ping every {beat} s'],
      'hold-limit': [
        '# the first byte has to come within 30 s (H12): hold polls for 25 s at most, or send a byte first',
      ],
      'head-late': ['# send the head at once: without a byte for 30 s the request is ended (H12)'],
    },
  },
];
