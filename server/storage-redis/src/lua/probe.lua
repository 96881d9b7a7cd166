-- Does what publish.lua does besides writing, so that a user who may not is refused at the start.
-- KEYS: none
-- ARGV: a pub/sub name that nobody listens to

redis.call('INFO', 'replication')
redis.call('TIME')
return redis.call('PUBLISH', ARGV[1], '')
