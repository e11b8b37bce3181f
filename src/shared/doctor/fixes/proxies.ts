import type { Product } from './product.ts';

/** Programs that stand before the origin. */
export const PROXIES: readonly Product[] = [
  {
    name: 'nginx',
    label: 'nginx',
    lines: {
      'idle-limit': ['proxy_read_timeout 1h;', 'proxy_send_timeout 1h;'],
      'hold-limit': ['proxy_read_timeout 1h;'],
      'head-late': ['proxy_http_version 1.1;', 'proxy_set_header Connection "";', 'proxy_buffering off;'],
      buffered: ['proxy_http_version 1.1;', 'proxy_set_header Connection "";', 'proxy_buffering off;', 'gzip off;'],
      compressed: ['gzip off;'],
      cached: ['proxy_cache off;'],
      'upgrade-blocked': [
        'proxy_http_version 1.1;',
        'proxy_set_header Upgrade $http_upgrade;',
        'proxy_set_header Connection "upgrade";',
      ],
      'keep-alive': ['keepalive_timeout 75s;'],
      'repeats-requests': ['proxy_next_upstream off;'],
      heartbeat: ['proxy_read_timeout 1h;'],
    },
  },
  {
    name: 'haproxy',
    label: 'HAProxy',
    lines: {
      'idle-limit': ['timeout server 1h', 'timeout client 1h', 'timeout tunnel 1h'],
      'hold-limit': ['timeout server 1h'],
      buffered: ['option http-no-delay', 'no option http-buffer-request'],
      compressed: ['compression type text/html text/plain text/css'],
      'keep-alive': ['timeout http-keep-alive 75s'],
      'repeats-requests': ['retries 0', 'no option redispatch'],
      heartbeat: ['timeout server 1h', 'timeout client 1h'],
    },
  },
  {
    name: 'apache',
    label: 'Apache httpd',
    lines: {
      'idle-limit': ['Timeout 3600', 'ProxyTimeout 3600'],
      'hold-limit': ['Timeout 3600', 'ProxyTimeout 3600'],
      'head-late': ['SetEnv proxy-sendchunked 1', 'ProxyPass / http://app:8080/ flushpackets=on'],
      buffered: ['ProxyPass / http://app:8080/ flushpackets=on', 'SetEnv no-gzip 1'],
      compressed: ['SetEnv no-gzip 1'],
      cached: ['CacheDisable /'],
      'upgrade-blocked': ['ProxyPass / http://app:8080/ upgrade=websocket timeout=3600'],
      'keep-alive': ['KeepAlive On', 'KeepAliveTimeout 75'],
      heartbeat: ['ProxyTimeout 3600'],
    },
  },
  {
    name: 'caddy',
    label: 'Caddy',
    lines: {
      'idle-limit': ['reverse_proxy app:8080 {', '  transport http {', '    read_timeout 0', '  }', '}'],
      'hold-limit': ['reverse_proxy app:8080 {', '  transport http {', '    read_timeout 0', '  }', '}'],
      lifetime: ['servers {', '  timeouts {', '    write 0', '  }', '}'],
      buffered: ['reverse_proxy app:8080 {', '  flush_interval -1', '}'],
      'head-late': ['reverse_proxy app:8080 {', '  flush_interval -1', '}'],
      compressed: ['encode {', '  match {', '    not header Content-Type text/event-stream*', '  }', '}'],
    },
  },
  {
    name: 'varnish',
    label: 'Varnish',
    lines: {
      'idle-limit': [
        'sub vcl_backend_fetch { set bereq.between_bytes_timeout = 3600s; set bereq.first_byte_timeout = 3600s; }',
      ],
      'hold-limit': ['sub vcl_backend_fetch { set bereq.first_byte_timeout = 3600s; }'],
      buffered: ['sub vcl_backend_response { set beresp.do_stream = true; set beresp.do_gzip = false; }'],
      compressed: ['sub vcl_backend_response { set beresp.do_gzip = false; }'],
      cached: ['sub vcl_recv { return (pass); }'],
      'upgrade-blocked': [
        'sub vcl_recv { if (req.http.Upgrade ~ "(?i)websocket") { return (pipe); } }',
        'sub vcl_pipe { set bereq.http.Upgrade = req.http.Upgrade; set bereq.http.Connection = req.http.Connection; }',
      ],
      'keep-alive': ['varnishd -p timeout_idle=75'],
    },
  },
  {
    name: 'envoy',
    label: 'Envoy',
    lines: {
      'idle-limit': [
        'stream_idle_timeout: 0s   # in the HttpConnectionManager',
        'idle_timeout: 0s          # in the route',
      ],
      lifetime: ['timeout: 0s               # in the route', 'max_connection_duration: 0s'],
      'hold-limit': ['timeout: 0s   # in the route'],
      'upgrade-blocked': ['upgrade_configs:', '- upgrade_type: websocket'],
      compressed: ['content_type: [text/html, application/json]   # of the compressor, without text/event-stream'],
    },
  },
  {
    name: 'traefik',
    label: 'Traefik',
    lines: {
      'idle-limit': ['--entryPoints.web.transport.respondingTimeouts.idleTimeout=3600s'],
      lifetime: ['--entryPoints.web.transport.respondingTimeouts.writeTimeout=0s'],
      'hold-limit': [
        '--entryPoints.web.transport.respondingTimeouts.writeTimeout=0s',
        '--serversTransport.forwardingTimeouts.responseHeaderTimeout=0s',
      ],
      buffered: ['responseForwarding: {flushInterval: -1ms}   # of the service’s load balancer'],
      compressed: ['compress: {excludedContentTypes: [text/event-stream]}'],
    },
  },
];
