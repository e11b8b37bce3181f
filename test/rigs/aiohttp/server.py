"""aiohttp: one log over polling, long polling, SSE and WebSocket, an SSE torture stream and SSE that ends badly.

  python3 server.py PORT [KEEP]    PORT 0 takes a free one; the first line of stdout is {"port": N}

 GET  /poll/CH?after=N           200 {events,cursor,epoch} + ETag "<epoch>.<seq>"; If-None-Match -> 304; 410 when trimmed
 GET  /longpoll/CH?after=N&wait=5    200 at once or after the hold; 204 on timeout (X-Cursor); 410 when trimmed
 GET  /sse/CH[?after=N]          Last-Event-ID resume, ':hb' every 3 s, `event: gap` when trimmed; eol=lf|crlf|cr, chunk=K
 GET  /ws/CH?after=N             pings every 3 s
 GET  /sse-torture[?chunk=K]     WHATWG edge cases; what must be dispatched is in /sse-torture.json
 GET  /sse-status/CODE           answers that status (503 and 429 with Retry-After: 2, 3xx to /sse/demo)
 GET  /sse-badtype               200 text/plain
 GET  /sse-cut/CH?n=2            ends cleanly after n events;  /sse-rst/CH?n=2 resets the connection inside the next one
 GET  /sse-silent                head, then nothing, ever
 POST /publish/CH   POST /trim/CH/KEEP   POST /epoch (another life: logs cleared)
"""
import asyncio
import json
import os
import socket
import struct
import sys
import threading
from collections import defaultdict, deque

from aiohttp import WSMsgType, web

PORT = int(sys.argv[1]) if len(sys.argv) > 1 else 0
KEEP = int(sys.argv[2]) if len(sys.argv) > 2 else 20


class Channel:
    def __init__(self):
        self.seq = 0
        self.log = deque(maxlen=KEEP)
        self.news = asyncio.Condition()

    def after(self, seq):
        return [e for e in self.log if seq is None or e['seq'] > seq]

    async def append(self, data):
        async with self.news:
            self.seq += 1
            event = {'seq': self.seq, 'id': f'{epoch}.{self.seq}', 'data': data}
            self.log.append(event)
            self.news.notify_all()
        return event['id']


channels = defaultdict(Channel)
epoch = 'e001'


def channel_of(req):
    return channels[req.match_info['ch']]


def cursor_of(req):
    raw = req.headers.get('Last-Event-ID') or req.query.get('after')
    if raw is None:
        return None, None
    ep, _, n = raw.rpartition('.')
    try:
        return (ep or epoch), int(n)
    except ValueError:
        return ep, -1


def why_gone(channel, ep, after):
    """Why one cannot go on from here (None when one can), and the seq before the oldest kept event."""
    floor = channel.log[0]['seq'] - 1 if channel.log else channel.seq
    if ep != epoch:
        return 'epoch', floor
    if after < floor:
        return 'trimmed', floor
    if after > channel.seq:
        return 'future', floor
    return None, floor


def gap(channel, why, floor):
    return {'reason': why, 'oldest': f'{epoch}.{floor}', 'newest': f'{epoch}.{channel.seq}'}


def gone(channel, why, floor):
    problem = {'type': 'about:blank', 'title': 'Cursor gone', 'status': 410, **gap(channel, why, floor)}
    return web.json_response(problem, status=410, content_type='application/problem+json')


async def publish(req):
    return web.json_response({'id': await channel_of(req).append(await req.text())}, status=201)


async def trim(req):
    channel = channel_of(req)
    while len(channel.log) > int(req.match_info['keep']):
        channel.log.popleft()
    return web.json_response({'oldest': channel.log[0]['id'] if channel.log else None})


async def new_epoch(_req):
    global epoch
    epoch = f'e{int(epoch[1:]) + 1:03}'
    channels.clear()
    return web.json_response({'epoch': epoch})


async def poll(req):
    channel = channel_of(req)
    ep, after = cursor_of(req)
    headers = {'ETag': f'"{epoch}.{channel.seq}"', 'Cache-Control': 'no-cache'}
    if req.headers.get('If-None-Match') == headers['ETag']:
        return web.Response(status=304, headers=headers)
    if after is not None:
        why, floor = why_gone(channel, ep, after)
        if why:
            return gone(channel, why, floor)
    body = {'events': channel.after(after), 'cursor': f'{epoch}.{channel.seq}', 'epoch': epoch}
    return web.json_response(body, headers=headers)


async def longpoll(req):
    channel = channel_of(req)
    ep, after = cursor_of(req)
    wait = float(req.query.get('wait', '5'))
    if after is None:
        ep, after = epoch, channel.seq
    why, floor = why_gone(channel, ep, after)
    if why:
        return gone(channel, why, floor)
    async with channel.news:
        if channel.seq <= after:
            try:
                await asyncio.wait_for(channel.news.wait(), wait)
            except asyncio.TimeoutError:
                headers = {'X-Cursor': f'{epoch}.{channel.seq}', 'Cache-Control': 'no-store'}
                return web.Response(status=204, headers=headers)
    body = {'events': channel.after(after), 'cursor': f'{epoch}.{channel.seq}'}
    return web.json_response(body, headers={'Cache-Control': 'no-store'})


async def open_stream(req):
    headers = {'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no'}
    res = web.StreamResponse(headers=headers)
    await res.prepare(req)
    return res


async def sse(req, limit=None, reset=False):
    channel = channel_of(req)
    nl = {'lf': '\n', 'crlf': '\r\n', 'cr': '\r'}[req.query.get('eol', 'lf')]
    size = int(req.query.get('chunk', '0'))
    res = await open_stream(req)

    async def write(text):
        data = text.encode()
        if not size:
            await res.write(data)
            return
        for i in range(0, len(data), size):
            await res.write(data[i:i + size])
            await asyncio.sleep(0.001)

    await write(f': hello{nl}retry: 1000{nl}{nl}')
    ep, after = cursor_of(req)
    if after is None:
        oldest = channel.log[0]['seq'] - 1 if channel.log else channel.seq
        after = oldest if req.query.get('from') == 'oldest' else channel.seq
    else:
        why, floor = why_gone(channel, ep, after)
        if why:
            data = json.dumps(gap(channel, why, floor))
            await write(f'event: gap{nl}id: {epoch}.{channel.seq}{nl}data: {data}{nl}{nl}')
            after = channel.seq
    sent = 0
    try:
        while True:
            for event in channel.after(after):
                after = event['seq']
                lines = ''.join(f'data: {line}{nl}' for line in event['data'].split('\n'))
                text = f'id: {event["id"]}{nl}event: tick{nl}{lines}'
                sent += 1
                if reset and sent > limit:
                    await write(text[:len(text) // 2])
                    await asyncio.sleep(0.05)  # a reset throws away what has not left yet
                    linger = struct.pack('ii', 1, 0)
                    req.transport.get_extra_info('socket').setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                    req.transport.abort()
                    return res
                await write(text + nl)
                if limit is not None and not reset and sent >= limit:
                    await res.write_eof()
                    return res
            async with channel.news:
                if channel.seq > after:
                    continue
                try:
                    await asyncio.wait_for(channel.news.wait(), 3)
                except asyncio.TimeoutError:
                    await write(f':hb{nl}{nl}')
    except (ConnectionResetError, asyncio.CancelledError):
        return res


async def sse_cut(req):
    return await sse(req, limit=int(req.query.get('n', '2')))


async def sse_rst(req):
    return await sse(req, limit=int(req.query.get('n', '2')), reset=True)


async def sse_status(req):
    code = int(req.match_info['code'])
    headers = {'Location': '/sse/demo'} if 300 < code < 304 or code in (307, 308) else {}
    if code in (429, 503):
        headers = {'Retry-After': '2'}
    return web.Response(status=code, headers=headers)


async def sse_badtype(_req):
    return web.Response(text='data: x\n\n', content_type='text/plain')


async def sse_silent(req):
    res = await open_stream(req)
    await asyncio.sleep(24 * 3600)
    return res


async def websocket(req):
    ws = web.WebSocketResponse(heartbeat=3.0, max_msg_size=65536)
    await ws.prepare(req)
    channel = channel_of(req)
    ep, after = cursor_of(req)
    if after is None:
        ep, after = epoch, channel.seq
    why, floor = why_gone(channel, ep, after)
    if why:
        await ws.send_json({'type': 'gap', **gap(channel, why, floor)})
        after = channel.seq
    else:
        await ws.send_json({'type': 'hello', 'cursor': f'{epoch}.{channel.seq}', 'resumed': True})

    async def pump():
        nonlocal after
        while True:
            for event in channel.after(after):
                after = event['seq']
                await ws.send_json({'type': 'event', **event})
            async with channel.news:
                if channel.seq <= after:
                    await channel.news.wait()

    pumping = asyncio.ensure_future(pump())
    try:
        async for message in ws:
            if message.type == WSMsgType.TEXT:
                order = json.loads(message.data)
                if order.get('type') == 'publish':
                    await ws.send_json({'type': 'ack', 'ref': order.get('ref'), 'id': await channel.append(order['data'])})
    finally:
        pumping.cancel()
    return ws


# Each entry is one write; EXPECTED is what a parser exact to the WHATWG text dispatches: [type, last event id, data].
TORTURE = [
    b'\xef\xbb\xbfdata: bom stripped\n\n',
    b': a comment\n\n',
    b'data\n\n',
    b'data:\n\n',
    b'data:no space\n\n',
    b'data:  two spaces keeps one\n\n',
    b'data: line1\ndata: line2\ndata:\n\n',
    b'data: crlf\r\n\r\n',
    b'data: cr\r\r',
    b'data: crlf split\r',
    b'\n\r',
    b'\n',
    b'event: named\nid: 7\ndata: x\n\n',
    b'id: has\x00null\ndata: id stays 7\n\n',
    b'id\ndata: id reset to empty\n\n',
    b'id: 8\n\n',
    b'data: id 8 came from an event without data\n\n',
    b'retry: 1500\n\n',
    b'retry: 15x\n\n',
    b'retry:\n\n',
    b'unknown: field\nDATA: wrong case\ndata: only this\n\n',
    b'event: no data is not dispatched\n\n',
    b'data: type is message again\n\n',
    b'data: snowman \xe2',
    b'\x98',
    b'\x83\n\n',
    b'data: bad utf8 \xff\n\n',
    b'data: nul \x00 inside\n\n',
    b'event: \ndata: empty event name is message\n\n',
    b'\xef\xbb\xbfdata: a later BOM is part of the field name\n\n',
    b'data: ' + b'x' * 200000 + b'\n\n',
    b' data: leading space is another field\n\n',
    b'data : space before colon is another field\n\n',
    b'data: done\n\n',
    b'data: unterminated, must be discarded\n',
]
EXPECTED = [
    ['message', '', 'bom stripped'],
    ['message', '', ''],
    ['message', '', ''],
    ['message', '', 'no space'],
    ['message', '', ' two spaces keeps one'],
    ['message', '', 'line1\nline2\n'],
    ['message', '', 'crlf'],
    ['message', '', 'cr'],
    ['message', '', 'crlf split'],
    ['named', '7', 'x'],
    ['message', '7', 'id stays 7'],
    ['message', '', 'id reset to empty'],
    ['message', '8', 'id 8 came from an event without data'],
    ['message', '8', 'only this'],
    ['message', '8', 'type is message again'],
    ['message', '8', 'snowman \u2603'],
    ['message', '8', 'bad utf8 \ufffd'],
    ['message', '8', 'nul \u0000 inside'],
    ['message', '8', 'empty event name is message'],
    ['message', '8', '<200000 x>'],
    ['message', '8', 'done'],
]


async def torture(req):
    res = await open_stream(req)
    size = int(req.query.get('chunk', '0'))
    for part in TORTURE:
        for i in range(0, len(part), size or len(part)):
            await res.write(part[i:i + (size or len(part))])
        await asyncio.sleep(0.02)
    await res.write_eof()
    return res


async def torture_json(_req):
    return web.json_response({'expected': EXPECTED, 'retry': 1500})


async def main():
    app = web.Application()
    app.add_routes([
        web.post('/publish/{ch}', publish), web.post('/trim/{ch}/{keep}', trim), web.post('/epoch', new_epoch),
        web.get('/poll/{ch}', poll), web.get('/longpoll/{ch}', longpoll), web.get('/sse/{ch}', sse),
        web.get('/sse-cut/{ch}', sse_cut), web.get('/sse-rst/{ch}', sse_rst), web.get('/ws/{ch}', websocket),
        web.get('/sse-torture', torture), web.get('/sse-torture.json', torture_json),
        web.get('/sse-status/{code}', sse_status), web.get('/sse-badtype', sse_badtype), web.get('/sse-silent', sse_silent),
    ])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, '127.0.0.1', PORT).start()
    print(json.dumps({'port': runner.addresses[0][1]}), flush=True)
    await asyncio.Event().wait()


def end_with_starter():
    """Nobody left to stop this: the starter's end of the pipe is gone."""
    sys.stdin.buffer.read()
    os._exit(0)


threading.Thread(target=end_with_starter, daemon=True).start()
asyncio.run(main())
