-- Brings back what the server lacks of what a node had seen stored, each message once, in the order given.
-- KEYS: meta, lineage, log, channels, and for each message its idempotency entry
-- ARGV: fresh epoch, most epochs, channel, announcement channel, window of keys in ms, time for repairs in ms,
--       epoch in which they were seen, and for each message: offset, time in ms, publication, fingerprint (32 bytes)
-- Answers { outcome, how many were brought back, server }; outcome 'hole' if what comes before a message may still come.

local fence = server_identity()
local meta = redis.call('HMGET', keys.meta, 'epoch', 'fence', 'top')
local epoch = meta[1]
local top = last_offset(keys.log, tonumber(meta[3] or '0'))
local begins = not epoch or meta[2] ~= fence
-- Of the epoch in which they were seen everything up to here is there; of a former one the keys tell.
local there = epoch == ARGV[7] and top or 0
-- As long as this server wrote nothing, the places behind the top are still those of the epoch.
local is_free = begins and epoch == ARGV[7]
local now = now_in_ms()
local waits = is_free and repaired_at(keys, fence, meta[2] or '', now, tonumber(ARGV[6])) > now
-- What is older may be there without its key, and is not taken for new.
local oldest = now - tonumber(ARGV[5]) / 2

local again = 0
for n = 5, #KEYS do
  local at, time = tonumber(ARGV[4 * n - 12]), tonumber(ARGV[4 * n - 11])
  local publication, fingerprint = ARGV[4 * n - 10], ARGV[4 * n - 9]
  if at > there and time >= oldest and redis.call('EXISTS', KEYS[n]) == 0 then
    if not is_free or at ~= top + 1 then
      if waits then
        return { 'hole', again, fence }
      end
      is_free = false
    end
    top = top + 1
    local offset = as_integer(top)
    redis.call('XADD', keys.log, offset .. '-0', 'p', publication)
    redis.call('HSET', keys.meta, 'top', offset)
    if begins and not is_free then
      epoch = ARGV[1]
      begin_epoch(keys, epoch, fence, offset, tonumber(ARGV[2]), ARGV[3])
      begins = false
    end
    redis.call('SET', KEYS[n], fingerprint .. offset, 'PX', ARGV[5])
    redis.pcall('PUBLISH', ARGV[4], epoch .. ' ' .. offset .. '\n' .. publication)
    again = again + 1
  end
end
return { 'whole', again, fence }
