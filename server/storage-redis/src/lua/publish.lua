-- Appends a publication once, in the epoch of the server that runs this, and announces it.
-- KEYS: meta, lineage, log, channels, idempotency entry
-- ARGV: fresh epoch, most epochs, channel, publication, fingerprint (32 bytes), window in ms, announcement channel,
--       hint (follows the publication where it is announced, and is not kept), time for repairs in ms
-- Answers { outcome, epoch, offset, server }.

local fence = server_identity()
local meta = redis.call('HMGET', keys.meta, 'epoch', 'fence', 'top')
local epoch = meta[1]
local top = tonumber(meta[3] or '0')

local known = redis.call('GET', KEYS[5])
if known and epoch then
  if string.sub(known, 1, 32) ~= ARGV[5] then
    return { 'reused', epoch, '0', fence }
  end
  return { 'duplicate', epoch, string.sub(known, 33), fence }
end

local begins = not epoch or meta[2] ~= fence
if begins then
  -- What is stored now takes the places of what this server may have lost.
  local now = now_in_ms()
  if epoch and repaired_at(keys, fence, meta[2] or '', now, tonumber(ARGV[9])) > now then
    return { 'repairing', epoch, '0', fence }
  end
  epoch = ARGV[1]
  top = last_offset(keys.log, top)
end
local offset = as_integer(top + 1)

-- The first write is the one that Redis may refuse (memory, role, disk): then nothing at all has happened.
redis.call('XADD', keys.log, offset .. '-0', 'p', ARGV[4])
redis.call('HSET', keys.meta, 'top', offset)
if begins then
  begin_epoch(keys, epoch, fence, offset, tonumber(ARGV[2]), ARGV[3])
end
redis.call('SET', KEYS[5], ARGV[5] .. offset, 'PX', ARGV[6])
-- pcall: a refused announcement must not make a stored publication look refused.
redis.pcall('PUBLISH', ARGV[7], epoch .. ' ' .. offset .. '\n' .. ARGV[4] .. ARGV[8])
return { 'stored', epoch, offset, fence }
