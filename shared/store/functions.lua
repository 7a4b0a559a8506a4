#!lua name=tandem_v1
-- What Tandem does inside Redis, each function in one step. The version is part of the name, so that replicas of an old
-- and a new release can run side by side: a change of behaviour or of the stored format needs a new one.
--
-- Keys of a shard have one hash tag (redis_keys.h). Its "meta" hash holds
--   generation, installation, shards, instance (of Redis, when it was last adopted), number (of the last event),
--   trimmed, offset (after the last trimmed event, in the partition), carried ("1" if there are carried marks),
--   m:<service>/<partition> = "n,k": the inbox marks
--
-- An error inside a function does not undo what it has written: all checks come first, and the first write is the one
-- that Redis itself might refuse. Numbers are strings, but for event numbers, which stay far below 2^53.

-- Stores a decision. The order of the checks is the protocol's.
-- KEYS meta, carried, state, outbox, timers, [request], index...   (request only with ARGV 3)
-- ARGV generation, instance, request ("" = none), mark field ("" = none), expected mark, new mark, expected version,
--      new version and state ("" = no event), time in microseconds, outbox record,
--      number of timers to remove, of arguments to add timers, these; the same for each index
-- Returns the event's number, 0 without an event; or {why not, detail}.
local function commit(keys, args)
  local meta = redis.call('HMGET', keys[1], 'generation', 'instance', 'number', 'carried', args[4])
  if meta[1] ~= args[1] then return {'generation'} end
  if meta[2] ~= args[2] then return {'instance'} end
  local first_index = 6
  if args[3] ~= '' then
    first_index = 7
    local known = redis.call('GET', keys[6])
    if known then return {'duplicate', known} end
  end
  if args[4] ~= '' and (meta[5] or '0,0') ~= args[5] then return {'mark', meta[5] or '0,0'} end
  if redis.call('GETRANGE', keys[3], 0, 15) ~= args[7] then return {'version'} end

  local number = '0'
  if args[8] ~= '' then
    number = string.format('%.0f', meta[3] + 1)
    if meta[4] == '1' then
      local carried = redis.call('HGETALL', keys[2])
      redis.call('XADD', keys[4], number .. '-0', 't', args[9], 'r', args[10], unpack(carried))
      redis.call('DEL', keys[2])
    else
      redis.call('XADD', keys[4], number .. '-0', 't', args[9], 'r', args[10])
    end
    redis.call('SET', keys[3], args[8])
    if args[4] ~= '' then
      redis.call('HSET', keys[1], 'number', number, 'carried', '0', args[4], args[6])
    else
      redis.call('HSET', keys[1], 'number', number, 'carried', '0')
    end
  elseif args[4] ~= '' then
    redis.call('HSET', keys[1], 'carried', '1', args[4], args[6])
    redis.call('HSET', keys[2], args[4], args[6])
  end

  local at = 11
  local key = keys[5]
  for i = first_index, #keys + 1 do  -- the timers, then the indexes
    local removed, added = tonumber(args[at]), tonumber(args[at + 1])
    at = at + 2
    if removed > 0 then redis.call('ZREM', key, unpack(args, at, at + removed - 1)) end
    at = at + removed
    if added > 0 then redis.call('ZADD', key, unpack(args, at, at + added - 1)) end
    at = at + added
    key = keys[i]
  end

  if args[3] ~= '' then redis.call('SET', keys[6], number .. ':' .. args[3], 'PX', 86400000) end
  return tonumber(number)
end

-- KEYS meta, outbox, lease. Returns {generation, number, trimmed, offset, unpublished, time of the oldest, lease}.
local function status(keys)
  local meta = redis.call('HMGET', keys[1], 'generation', 'number', 'trimmed', 'offset')
  local oldest = redis.call('XRANGE', keys[2], '-', '+', 'COUNT', 1)[1]
  return {
    meta[1] or '0', meta[2] or '0', meta[3] or '0', meta[4] or '0',
    tostring(redis.call('XLEN', keys[2])), oldest and oldest[2][2] or '', redis.call('GET', keys[3]) or '',
  }
end

-- Makes sure that a shard is what the caller believes it to be, and adopts it for this instance of Redis.
-- KEYS meta, outbox, lease. ARGV installation, shards, instance, number that the caller has seen ("" = it has seen
-- nothing here), "1" to give generation 1 to a shard that has none.
-- Returns {"open", status} or {why not, details...}; {"none"} if there is nothing, and nothing was asked for.
local function open(keys, args)
  local meta = redis.call('HMGET', keys[1], 'generation', 'installation', 'shards', 'instance', 'number', 'trimmed')
  if not meta[1] then
    if args[4] ~= '' then return {'gone'} end
    if args[5] ~= '1' then return {'none'} end
    redis.call('HSET', keys[1], 'generation', '1', 'installation', args[1], 'shards', args[2], 'instance', args[3],
      'number', '0', 'trimmed', '0', 'offset', '0', 'carried', '0')
    return {'open', status(keys)}
  end
  if meta[2] ~= args[1] then return {'installation', meta[2]} end
  if meta[3] ~= args[2] then return {'shards', meta[3]} end
  if tonumber(meta[5]) < tonumber(meta[6]) then return {'behind', meta[5], meta[6]} end
  if args[4] ~= '' and tonumber(meta[5]) < tonumber(args[4]) then return {'behind', meta[5], args[4]} end
  if meta[4] ~= args[3] then redis.call('HSET', keys[1], 'instance', args[3]) end
  return {'open', status(keys)}
end

-- KEYS meta, places. ARGV generation, then field, value, ... Returns 0 under another generation.
local function write_places(keys, args)
  if redis.call('HGET', keys[1], 'generation') ~= args[1] then return 0 end
  if #args > 1 then redis.call('HSET', keys[2], unpack(args, 2)) end
  return 1
end

-- Takes or renews the lease. KEYS lease. ARGV token, milliseconds. Returns 0 if somebody else has it.
local function lease(keys, args)
  local holder = redis.call('GET', keys[1])
  if holder and holder ~= args[1] then return 0 end
  redis.call('SET', keys[1], args[1], 'PX', args[2])
  return 1
end

-- KEYS lease. ARGV token.
local function release(keys, args)
  if redis.call('GET', keys[1]) == args[1] then redis.call('DEL', keys[1]) end
  return 1
end

-- Reads the outbox together with the generation. KEYS lease, meta, outbox. ARGV token, last number known, limit.
-- Returns {generation, entries}, or 0 if the lease is not the caller's.
local function read(keys, args)
  if redis.call('GET', keys[1]) ~= args[1] then return 0 end
  local generation = redis.call('HGET', keys[2], 'generation') or '0'
  return {generation, redis.call('XRANGE', keys[3], '(' .. args[2] .. '-0', '+', 'COUNT', args[3])}
end

-- Removes from the outbox what Kafka has. KEYS lease, meta, outbox. ARGV token, generation, number, offset after it,
-- number + 1. Returns 0 if it may not.
local function trim(keys, args)
  if redis.call('GET', keys[1]) ~= args[1] then return 0 end
  local meta = redis.call('HMGET', keys[2], 'generation', 'number', 'trimmed')
  if meta[1] ~= args[2] or tonumber(args[3]) > tonumber(meta[2]) then return 0 end
  if tonumber(args[3]) > tonumber(meta[3]) then
    redis.call('XTRIM', keys[3], 'MINID', args[5] .. '-0')
    redis.call('HSET', keys[2], 'trimmed', args[3], 'offset', args[4])
  end
  return 1
end

redis.register_function('tandem_v1_commit', commit)
redis.register_function('tandem_v1_open', open)
redis.register_function('tandem_v1_write_places', write_places)
redis.register_function('tandem_v1_lease', lease)
redis.register_function('tandem_v1_release', release)
redis.register_function('tandem_v1_trim', trim)
redis.register_function{function_name = 'tandem_v1_read', callback = read, flags = {'no-writes'}}
redis.register_function{function_name = 'tandem_v1_status', callback = status, flags = {'no-writes'}}
