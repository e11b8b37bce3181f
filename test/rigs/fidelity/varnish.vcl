vcl 4.1;
# Varnish: one varnishd, its paths told apart by the socket a client came in through.
backend origin {
  .host = "127.0.0.1";
  .port = "@TARGET@";
  .first_byte_timeout = @LIMIT@s;
  .between_bytes_timeout = @LIMIT@s;
}
sub vcl_recv {
  if (local.socket == "pipe" && req.http.Upgrade ~ "(?i)websocket") { return (pipe); }
  if (local.socket == "pass") { return (pass); }
  set req.http.X-Socket = local.socket;
}
sub vcl_pipe {
  if (req.http.upgrade) {
    set bereq.http.upgrade = req.http.upgrade;
    set bereq.http.connection = req.http.connection;
  }
}
sub vcl_backend_response {
  if (bereq.http.X-Socket == "gzip") { set beresp.do_gzip = true; }
}
