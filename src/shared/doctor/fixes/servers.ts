import type { Product } from './product.ts';

const RESUME = [
  '# write an id with each event, keep the last of them, and begin after Last-Event-ID;',
  '# where that is gone, say so (an event “gap”, or 410) before going on',
];

/** What the origin is made with. */
export const SERVERS: readonly Product[] = [
  {
    name: 'express',
    label: 'Express, Node',
    lines: {
      'idle-limit': [
        "const beat = setInterval(() => res.write(': beat\\n\\n'), {beat} * 1000);",
        "res.on('close', () => clearInterval(beat));",
      ],
      heartbeat: [
        "const beat = setInterval(() => res.write(': beat\\n\\n'), {beat} * 1000);",
        "res.on('close', () => clearInterval(beat));",
      ],
      zombie: ["const beat = setInterval(() => res.write(': beat\\n\\n'), {beat} * 1000);"],
      'head-late': ['res.flushHeaders();'],
      buffered: [
        "res.setHeader('X-Accel-Buffering', 'no');",
        "res.setHeader('Cache-Control', 'no-cache, no-transform');",
      ],
      compressed: [
        "app.use(compression({filter: (req, res) => !/event-stream/.test(String(res.getHeader('Content-Type')))}));",
      ],
      cached: ["res.setHeader('Cache-Control', 'no-store');"],
      'content-type': ["res.setHeader('Content-Type', 'text/event-stream');"],
      cors: ["res.setHeader('Access-Control-Allow-Origin', req.headers.origin);", "res.setHeader('Vary', 'Origin');"],
      'hold-limit': ['setTimeout(() => res.status(204).end(), 25_000);   // sooner than anybody on the way gives up'],
      'answers-at-once': ['// hold the answer until there is news, 25 s at most, then 204'],
      'keep-alive': ['server.keepAliveTimeout = 65_000;', 'server.headersTimeout = 66_000;'],
      'poll-cost': ["app.set('etag', 'strong');", "res.setHeader('X-Poll-Interval', '10');"],
      advice: ["res.write('retry: 5000\\n\\n');", "ws.close(1012, 'restart');"],
      'close-words': ["ws.close(1001, 'going away');   // not ws.terminate()"],
      'ping-unanswered': ["ws.on('ping', (data) => ws.pong(data));"],
      'message-limit': ['new WebSocketServer({maxPayload: 1024 * 1024});'],
      'no-replay': ['res.write(`id: ${event.id}\\ndata: ${event.data}\\n\\n`);'],
      resume: RESUME,
      'six-connections': ['http2.createSecureServer({allowHTTP1: true, key, cert}, app);'],
      truncates: ["res.write('data: [DONE]\\n\\n');   // last, and an event “error” where it failed"],
      lifetime: ["res.write('event: bye\\ndata: {}\\n\\n');   // before it ends, with retry: and ids to resume from"],
    },
  },
  {
    name: 'uvicorn',
    label: 'uvicorn (FastAPI, Starlette)',
    lines: {
      'idle-limit': [
        'EventSourceResponse(events(), ping={beat})   # sse-starlette',
        'uvicorn app:app --ws-ping-interval {beat}',
      ],
      heartbeat: [
        'EventSourceResponse(events(), ping={beat})   # sse-starlette',
        'uvicorn app:app --ws-ping-interval {beat}',
      ],
      buffered: ['headers={"X-Accel-Buffering": "no", "Cache-Control": "no-cache, no-transform"}'],
      'keep-alive': ['uvicorn app:app --timeout-keep-alive 65'],
      'message-limit': ['uvicorn app:app --ws-max-size 1048576'],
      'ping-unanswered': ['uvicorn app:app --ws-ping-timeout 60'],
    },
  },
  {
    name: 'gunicorn',
    label: 'gunicorn',
    lines: {
      lifetime: ['gunicorn app:app --worker-class gevent --timeout 0 --max-requests 0'],
      'hold-limit': ['gunicorn app:app --worker-class gevent --timeout 0'],
      'keep-alive': ['gunicorn app:app --keep-alive 65'],
    },
  },
  {
    name: 'spring',
    label: 'Spring',
    lines: {
      'idle-limit': ['emitter.send(SseEmitter.event().comment("beat"));   // every {beat} s, from a scheduler'],
      heartbeat: ['emitter.send(SseEmitter.event().comment("beat"));   // every {beat} s, from a scheduler'],
      lifetime: ['new SseEmitter(0L);', 'spring.mvc.async.request-timeout=0'],
      'hold-limit': ['spring.mvc.async.request-timeout=0'],
      'keep-alive': ['server.tomcat.keep-alive-timeout=65s'],
      compressed: ['server.compression.mime-types=text/html,application/json'],
      resume: RESUME,
    },
  },
  {
    name: 'go',
    label: 'Go',
    lines: {
      'idle-limit': ['fmt.Fprint(w, ": beat\\n\\n"); flusher.Flush()   // every {beat} s'],
      heartbeat: ['fmt.Fprint(w, ": beat\\n\\n"); flusher.Flush()   // every {beat} s'],
      lifetime: ['http.NewResponseController(w).SetWriteDeadline(time.Time{})'],
      'head-late': ['w.WriteHeader(200); flusher.Flush()'],
      buffered: ['flusher.Flush()   // after each event'],
      'keep-alive': ['server := &http.Server{IdleTimeout: 65 * time.Second}'],
      resume: RESUME,
    },
  },
];
