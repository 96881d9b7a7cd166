-- Comes before publish.lua and read.lua: how an epoch begins.

-- run_id is new after every start; master_replid is new after every promotion, even one that came back.
local function server_identity()
  local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
  local replication = string.match(redis.call('INFO', 'replication'), 'master_replid:(%w+)')
  return run .. '/' .. replication
end

-- The log may hold more than meta says only if someone deleted meta by hand; a number is never given twice.
local function last_offset(log, top)
  local last = redis.call('XREVRANGE', log, '+', '-', 'COUNT', 1)[1]
  return math.max(top, last and tonumber(string.match(last[1], '^%d+')) or 0)
end

local function as_integer(number)
  return string.format('%.0f', number)
end

local function begin_epoch(keys, epoch, fence, first_offset, max_epochs, channel)
  redis.call('HSET', keys.meta, 'epoch', epoch, 'fence', fence)
  redis.call('RPUSH', keys.lineage, epoch .. ' ' .. first_offset)
  redis.call('LTRIM', keys.lineage, -max_epochs, -1)
  redis.call('SADD', keys.channels, channel)
end

local keys = { meta = KEYS[1], lineage = KEYS[2], log = KEYS[3], channels = KEYS[4] }
