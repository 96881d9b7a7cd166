-- Checks what each write expects, then makes all of them.
-- KEYS: version counter, then for each write its record and the index of its kind
-- ARGV: now, then for each write: id, expectation ('absent', 'any' or a version), change ('put' or 'delete'),
--       data, end in ms or '', time to live in ms or ''
-- Answers 1, or 0 if an expectation was not met.

local WIDTH = 6
local now = tonumber(ARGV[1])
local writes = {}
for n = 1, (#KEYS - 1) / 2 do
  local at = 1 + (n - 1) * WIDTH
  writes[n] = {
    record = KEYS[2 * n], index = KEYS[2 * n + 1],
    id = ARGV[at + 1], expect = ARGV[at + 2], change = ARGV[at + 3],
    data = ARGV[at + 4], ends = ARGV[at + 5], ttl = ARGV[at + 6],
  }
end

for _, write in ipairs(writes) do
  local kept = redis.call('HMGET', write.record, 'version', 'ends')
  local version = kept[1]
  if version and kept[2] and kept[2] ~= '' and tonumber(kept[2]) <= now then
    version = false
  end
  if write.expect == 'absent' then
    if version then return 0 end
  elseif write.expect ~= 'any' then
    if version ~= write.expect then return 0 end
  end
end

-- Not less than the time: if Redis lost its newest writes, a version that someone still holds does not come back.
local version = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
redis.call('SET', KEYS[1], string.format('%.0f', version + #writes))
for n, write in ipairs(writes) do
  if write.change == 'delete' then
    redis.call('DEL', write.record)
    redis.call('ZREM', write.index, write.id)
  else
    redis.call('HSET', write.record, 'version', string.format('%.0f', version + n), 'data', write.data,
      'ends', write.ends)
    if write.ttl == '' then
      redis.call('PERSIST', write.record)
    else
      redis.call('PEXPIRE', write.record, write.ttl)
    end
    redis.call('ZADD', write.index, 0, write.id)
  end
end
return 1
