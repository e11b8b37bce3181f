import { hash } from 'node:crypto';

/**
 * What is asked of Redis, each as one script, so that nobody comes in between. They work from Redis 6.0 on.
 *
 * The keys of a prefix: `life` (the epoch, and which master gave it), and per channel `head` (epoch, newest, floor …),
 * `log` (the stream, ids `0-seq`), `sizes` (bytes and time of each kept event), `here` (members by server), a receipt an
 * idempotency key; `servers` (last sign of each process), `channels` (those that ever had an event).
 *
 * An epoch lasts as long as one master does. A replica that was promoted, and a Redis that was started again, are
 * another run, or have the replication id of a promotion: events that only the old one had may be missing, and their
 * numbers would be given twice, so each script begins by looking. (The id alone changes when a first replica comes, too;
 * there is no second one then.) `FLUSHALL` takes `life` away, and the next script makes another.
 *
 * ARGV of all: 1 a new epoch should one be needed, 2 the root of the Pub/Sub names, 3 what is kept: count age bytes.
 */
const LIFE = `
if redis.replicate_commands then redis.replicate_commands() end
local cand, root, keep = ARGV[1], ARGV[2], ARGV[3]
local int = function(n) return string.format('%.0f', n) end
local function life()
  local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') or ''
  local info = redis.call('INFO', 'replication')
  local id = string.match(info, 'master_replid:(%w+)') or ''
  local promoted = string.match(info, 'master_replid2:(%w+)') or ''
  local l = redis.call('HMGET', KEYS[1], 'epoch', 'base', 'turn', 'run', 'replid')
  if not l[1] then
    redis.call('HSET', KEYS[1], 'format', '1', 'epoch', cand, 'base', cand, 'turn', '1', 'run', run, 'replid', id,
      'keep', keep)
    redis.call('PUBLISH', root, 'L')
    return { epoch = cand, base = cand, turn = '1' }
  end
  if l[4] ~= run or (l[5] ~= id and string.find(promoted, '[^0]')) then
    l[1], l[3] = cand, int(l[3] + 1)
    redis.call('HSET', KEYS[1], 'epoch', cand, 'turn', l[3], 'run', run, 'replid', id)
    redis.call('PUBLISH', root, 'L')
  elseif l[5] ~= id then
    redis.call('HSET', KEYS[1], 'replid', id)
  end
  return { epoch = l[1], base = l[2], turn = l[3] }
end
`;

/** KEYS from 2: head, log, sizes, channels. ARGV from 4: the channel. */
const HEAD = `
local function head(l)
  local h = redis.call('HMGET', KEYS[2], 'epoch', 'base', 'turn', 'newest', 'floor', 'bytes', 'ended')
  if h[1] and h[2] == l.base then
    local epoch = h[1]
    if h[3] ~= l.turn then
      epoch = l.epoch
      redis.call('HSET', KEYS[2], 'epoch', epoch, 'turn', l.turn)
    end
    return { epoch = epoch, newest = tonumber(h[4]), floor = tonumber(h[5]), bytes = tonumber(h[6]), ended = h[7] == '1' }
  end
  local epoch = l.epoch
  if h[1] then
    redis.call('DEL', KEYS[2], KEYS[3], KEYS[4])
  elseif redis.call('SISMEMBER', KEYS[5], ARGV[4]) == 1 then
    -- it had events, and somebody took its head away: its numbers must not be given twice
    epoch = cand
    redis.call('DEL', KEYS[3], KEYS[4])
    redis.call('HSET', KEYS[2], 'epoch', epoch, 'base', l.base, 'turn', l.turn, 'newest', 0, 'floor', 0, 'bytes', 0)
  end
  return { epoch = epoch, newest = 0, floor = 0, bytes = 0, ended = false }
end
local function now()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end
`;

/** ARGV from 5: type, data, time, bytes, terminal, origin, receipt ttl; KEYS[6] is the receipt, if any. */
const APPEND = `${LIFE}${HEAD}
local ch, kind, data, time, size, terminal, origin = ARGV[4], ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9], ARGV[10]
local l = life()
local h = head(l)
if KEYS[6] then
  local known = redis.call('GET', KEYS[6])
  local base, seq, at, was = string.match(known or '', '^(%w+) (%d+) (%d+) (.*)$')
  if base == l.base then return { 'again', h.epoch, seq, at, was } end
end
if h.ended then return { 'ended' } end
local seq = h.newest + 1
local t = now()
redis.call('XADD', KEYS[3], '0-' .. int(seq), 't', kind, 'd', data, 'at', time, 'r', int(t), 'z', terminal)
redis.call('RPUSH', KEYS[4], size .. ' ' .. int(t))
local count, age, most = string.match(keep, '(%d+) (%d+) (%d+)')
count, age, most = tonumber(count), tonumber(age), tonumber(most)
local kept = redis.call('LLEN', KEYS[4])
local floor = math.max(h.floor, seq - kept)
local bytes = (kept == 1 and 0 or h.bytes) + tonumber(size)
while seq - floor > 1 do
  local oldest = redis.call('LINDEX', KEYS[4], 0)
  local b, r = string.match(oldest, '(%d+) (%d+)')
  if seq - floor <= count and bytes <= most and t - tonumber(r) <= age then break end
  redis.call('LPOP', KEYS[4])
  bytes = bytes - tonumber(b)
  floor = floor + 1
end
if floor > h.floor then redis.call('XTRIM', KEYS[3], 'MAXLEN', '~', int(seq - floor)) end
redis.call('HSET', KEYS[2], 'epoch', h.epoch, 'base', l.base, 'turn', l.turn,
  'newest', int(seq), 'floor', int(floor), 'bytes', int(bytes))
redis.call('PEXPIRE', KEYS[3], age + 60000)
redis.call('PEXPIRE', KEYS[4], age + 60000)
if seq == 1 then redis.call('SADD', KEYS[5], ch) end
if KEYS[6] then redis.call('SET', KEYS[6], l.base .. ' ' .. int(seq) .. ' ' .. time .. ' ' .. kind, 'PX', ARGV[11]) end
redis.call('PUBLISH', root .. ' ' .. ch,
  'E' .. h.epoch .. ' ' .. int(seq) .. ' ' .. time .. ' ' .. terminal .. ' ' .. origin .. '\\n' .. kind .. '\\n' .. data)
return { 'new', h.epoch, int(seq), int(floor) }
`;

/** ARGV from 5: the epoch and position the reader has, and how many it takes. */
const READ = `${LIFE}${HEAD}
local l = life()
local h = head(l)
local from = h.floor
if ARGV[5] == h.epoch and tonumber(ARGV[6]) > from then from = tonumber(ARGV[6]) end
local events = {}
if from < h.newest then events = redis.call('XRANGE', KEYS[3], '0-' .. int(from + 1), '+', 'COUNT', ARGV[7]) end
return { h.epoch, int(h.newest), int(h.floor), h.ended and '1' or '0', int(now()), events }
`;

const END = `${LIFE}${HEAD}
local l = life()
local h = head(l)
redis.call('HSET', KEYS[2], 'epoch', h.epoch, 'base', l.base, 'turn', l.turn,
  'newest', int(h.newest), 'floor', int(h.floor), 'bytes', int(h.bytes), 'ended', '1')
redis.call('SADD', KEYS[5], ARGV[4])
redis.call('PUBLISH', root .. ' ' .. ARGV[4], 'X')
return 'ok'
`;

/** KEYS[2] is channels. Heads of another base are dropped when they are met. */
const LOSE = `${LIFE}
life()
redis.call('HSET', KEYS[1], 'epoch', cand, 'base', cand)
redis.call('DEL', KEYS[2])
redis.call('PUBLISH', root, 'L')
return 'ok'
`;

/** A tail is gone though the master is the same. ARGV[4] is the epoch it was seen in: of several, one turns it. */
const TURN = `${LIFE}
local l = life()
if l.epoch == ARGV[4] then
  redis.call('HSET', KEYS[1], 'epoch', cand, 'turn', int(l.turn + 1))
  redis.call('PUBLISH', root, 'L')
end
return 'ok'
`;

/**
 * KEYS[2] is servers. ARGV from 4: this server, how long one is missed before it counts as gone (ms).
 * Who takes part first says what is kept; another may say otherwise once nobody else is there.
 */
const ENTER = `${LIFE}
local format = redis.call('HGET', KEYS[1], 'format')
if format and format ~= '1' then return { 'format', format } end
local l = life()
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local others = redis.call('ZCOUNT', KEYS[2], '(' .. int(now - ARGV[5]), '+inf')
local kept = redis.call('HGET', KEYS[1], 'keep')
if kept ~= keep then
  if others > 0 then return { 'keep', kept or '', int(others) } end
  redis.call('HSET', KEYS[1], 'keep', keep)
end
redis.call('ZADD', KEYS[2], now, ARGV[4])
return { 'ok', l.epoch }
`;

const KEEP = `${LIFE}
life()
redis.call('HSET', KEYS[1], 'keep', keep)
return 'ok'
`;

/**
 * KEYS[2] is servers, the rest the heads of channels to look at. ARGV from 4: this server, how long one is missed before
 * it counts as gone (ms), what to tell its own inbox. The members of a server that is gone leave with it.
 */
const BEAT = `${LIFE}
local l = life()
local me = ARGV[4]
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('ZADD', KEYS[2], now, me)
local prefix = string.match(KEYS[1], '^(.*:)life$')
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now - ARGV[5])) do
  redis.call('ZREM', KEYS[2], gone)
  for _, ch in ipairs(redis.call('SMEMBERS', prefix .. 'in:' .. gone)) do
    local here = prefix .. 'here:' .. ch
    for _, field in ipairs(redis.call('HKEYS', here)) do
      if string.sub(field, 1, #gone + 1) == gone .. ' ' then
        redis.call('HDEL', here, field)
        redis.call('PUBLISH', root .. ' ' .. ch, 'Q' .. field)
      end
    end
  end
  redis.call('DEL', prefix .. 'in:' .. gone)
end
redis.call('PUBLISH', root .. '  ' .. me, 'B' .. ARGV[6])
local heads = {}
for i = 3, #KEYS do
  local h = redis.call('HMGET', KEYS[i], 'epoch', 'newest', 'base', 'turn')
  heads[#heads + 1] = (h[1] and h[3] == l.base and h[4] == l.turn) and (h[1] .. ' ' .. h[2]) or ''
end
return { l.epoch, redis.call('ZCARD', KEYS[2]), heads }
`;

/** KEYS: here, in. ARGV: root, channel, server, member. */
const JOIN = `
redis.call('HSET', KEYS[1], ARGV[3] .. ' ' .. ARGV[4], '1')
redis.call('SADD', KEYS[2], ARGV[2])
redis.call('PUBLISH', ARGV[1] .. ' ' .. ARGV[2], 'J' .. ARGV[3] .. ' ' .. ARGV[4])
return 'ok'
`;
const LEAVE = `
redis.call('HDEL', KEYS[1], ARGV[3] .. ' ' .. ARGV[4])
redis.call('PUBLISH', ARGV[1] .. ' ' .. ARGV[2], 'Q' .. ARGV[3] .. ' ' .. ARGV[4])
return 'ok'
`;

export interface Script {
  text: string;
  sha: string;
}

const script = (text: string): Script => ({ text, sha: hash('sha1', text) });

export const SCRIPTS = {
  append: script(APPEND),
  read: script(READ),
  end: script(END),
  lose: script(LOSE),
  turn: script(TURN),
  enter: script(ENTER),
  keep: script(KEEP),
  beat: script(BEAT),
  join: script(JOIN),
  leave: script(LEAVE),
};
