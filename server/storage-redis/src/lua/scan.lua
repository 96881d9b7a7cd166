-- Reads records of a kind in the order of their ids, and forgets ids whose record has expired.
-- KEYS: index of the kind
-- ARGV: lower bound as ZRANGEBYLEX takes it, most ids, what record keys begin with
-- Answers { { id, version or nil, data, end }... }: every id that was looked at.

local seen = {}
for n, id in ipairs(redis.call('ZRANGEBYLEX', KEYS[1], ARGV[1], '+', 'LIMIT', 0, ARGV[2])) do
  local kept = redis.call('HMGET', ARGV[3] .. id, 'version', 'data', 'ends')
  seen[n] = { id, kept[1], kept[2] or '', kept[3] or '' }
end
for _, record in ipairs(seen) do
  if not record[2] then
    redis.call('ZREM', KEYS[1], record[1])
  end
end
return seen
