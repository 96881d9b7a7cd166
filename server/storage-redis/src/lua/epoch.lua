-- Comes before publish.lua, read.lua and repair.lua: how an epoch begins, and what comes before that.

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

local function now_in_ms()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

-- Until when, by this server's clock, whoever saw what it lacks may still bring that to its place: nothing new is stored
-- before. The time runs from the start of a server, or from the first look at one that was promoted, and is noted, so that
-- it ends. A clock that went back does not make it longer.
local function repaired_at(keys, fence, former, now, window)
  local noted = redis.call('HGET', keys.meta, 'repair')
  local at = noted and string.sub(noted, 1, #fence + 1) == fence .. ' ' and tonumber(string.sub(noted, #fence + 2))
  if at and at <= now + window then
    return at
  end
  at = now + window
  if string.match(fence, '^%w+') ~= string.match(former, '^%w+') then
    at = at - 1000 * tonumber(string.match(redis.call('INFO', 'server'), 'uptime_in_seconds:(%d+)'))
  end
  redis.call('HSET', keys.meta, 'repair', fence .. ' ' .. as_integer(at))
  return at
end

local function begin_epoch(keys, epoch, fence, first_offset, max_epochs, channel)
  redis.call('HSET', keys.meta, 'epoch', epoch, 'fence', fence)
  redis.call('HDEL', keys.meta, 'repair')
  redis.call('RPUSH', keys.lineage, epoch .. ' ' .. first_offset)
  redis.call('LTRIM', keys.lineage, -max_epochs, -1)
  redis.call('SADD', keys.channels, channel)
end

local keys = { meta = KEYS[1], lineage = KEYS[2], log = KEYS[3], channels = KEYS[4] }
