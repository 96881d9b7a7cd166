-- Reads where a channel stands and a page of its log, from one moment.
-- KEYS: meta, lineage, log, channels
-- ARGV: fresh epoch, most epochs, channel, direction ('forward' or 'backward'), first id, most entries, most
--       bytes, most bytes of an entry that are not payload
-- Answers { epoch, top, lineage, oldest offset or nil, entries }.

local STEP = 32

local meta = redis.call('HMGET', keys.meta, 'epoch', 'top')
local epoch = meta[1]
local top = tonumber(meta[2] or '0')
if not epoch then
  -- So that whoever reads an unused channel can continue from the answer.
  epoch = ARGV[1]
  top = last_offset(keys.log, top)
  redis.call('HSET', keys.meta, 'top', as_integer(top))
  begin_epoch(keys, epoch, server_identity(), as_integer(top + 1), tonumber(ARGV[2]), ARGV[3])
end

local function step(from, count)
  if ARGV[4] == 'forward' then
    return redis.call('XRANGE', keys.log, from, '+', 'COUNT', count)
  end
  return redis.call('XREVRANGE', keys.log, from, '-', 'COUNT', count)
end

local entries = {}
local bytes = 0
local from = ARGV[5]
local most = tonumber(ARGV[6])
while #entries < most and bytes <= tonumber(ARGV[7]) do
  local found = step(from, math.min(STEP, most - #entries))
  for _, entry in ipairs(found) do
    if bytes > tonumber(ARGV[7]) then
      break
    end
    entries[#entries + 1] = { string.match(entry[1], '^%d+'), entry[2][2] }
    bytes = bytes + math.max(0, #entry[2][2] - tonumber(ARGV[8]))
    from = '(' .. entry[1]
  end
  if #found == 0 then
    break
  end
end

local oldest = redis.call('XRANGE', keys.log, '-', '+', 'COUNT', 1)[1]
return {
  epoch,
  as_integer(top),
  redis.call('LRANGE', keys.lineage, 0, -1),
  oldest and string.match(oldest[1], '^%d+') or false,
  entries,
}
