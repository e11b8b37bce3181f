# mitmproxy has no option for its idle limit, which is a constant of one class: 10 minutes.
from mitmproxy.proxy import server

server.TimeoutWatchdog.CONNECTION_TIMEOUT = @LIMIT@
