#!lua name=tandem_v2
-- What Tandem does inside Redis, each function in one step. The version is part of the name: a change of behaviour or of
-- the stored format needs a new one, so that no release ever calls the functions of another. Replicas of two versions do
-- not run side by side, though: those of the old one are stopped before the new one starts.
--
-- Keys of a shard have one hash tag (redis_keys.h). Its "meta" hash holds
--   generation, installation, shards, instance (of Redis, when the shard was last reconciled with its partition),
--   number (of the last event), trimmed, offset (in the partition; everything up to trimmed stands before it), anchor
--   (what stands at offset - 1: an event's version or a fence's nonce), carried ("1" if there are carried marks),
--   healer ("token@instance" of the healing under way), m:<service>/<partition> = "n,k": the inbox marks
-- A shard whose instance is not the caller's is not reconciled: it takes no commits, no places, and no relay.
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
  if meta[1] ~= args[1] or meta[1] == '0' then return {'generation'} end
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
    local version = string.sub(args[8], 1, 16)
    if meta[4] == '1' then
      local carried = redis.call('HGETALL', keys[2])
      redis.call('XADD', keys[4], number .. '-0', 't', args[9], 'r', args[10], 'v', version, unpack(carried))
      redis.call('DEL', keys[2])
    else
      redis.call('XADD', keys[4], number .. '-0', 't', args[9], 'r', args[10], 'v', version)
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

-- KEYS meta, outbox, lease. ARGV instance.
-- Returns {generation, number, trimmed, offset, unpublished, time of the oldest, lease, "1" if reconciled, installation,
-- shards}.
local function status(keys, args)
  local meta = redis.call('HMGET', keys[1], 'generation', 'number', 'trimmed', 'offset', 'instance', 'installation',
    'shards')
  local oldest = redis.call('XRANGE', keys[2], '-', '+', 'COUNT', 1)[1]
  return {
    meta[1] or '0', meta[2] or '0', meta[3] or '0', meta[4] or '0',
    tostring(redis.call('XLEN', keys[2])), oldest and oldest[2][2] or '', redis.call('GET', keys[3]) or '',
    meta[5] == args[1] and '1' or '0', meta[6] or '', meta[7] or '0',
  }
end

local function reconciled(meta_key, instance) return redis.call('HGET', meta_key, 'instance') == instance end

-- KEYS meta, places. ARGV generation, instance, then field, value, ... Returns 0 under another one of these.
local function write_places(keys, args)
  local meta = redis.call('HMGET', keys[1], 'generation', 'instance')
  if meta[1] ~= args[1] or meta[2] ~= args[2] then return 0 end
  if #args > 2 then redis.call('HSET', keys[2], unpack(args, 3)) end
  return 1
end

-- Takes or renews a relay's lease. KEYS lease, meta. ARGV token, milliseconds, instance. Returns 0 if somebody else has
-- it, or the shard is not reconciled.
local function lease(keys, args)
  local holder = redis.call('GET', keys[1])
  if (holder and holder ~= args[1]) or not reconciled(keys[2], args[3]) then return 0 end
  redis.call('SET', keys[1], args[1], 'PX', args[2])
  return 1
end

-- KEYS lease. ARGV token.
local function release(keys, args)
  if redis.call('GET', keys[1]) == args[1] then redis.call('DEL', keys[1]) end
  return 1
end

-- Reads the outbox together with the generation. KEYS lease, meta, outbox. ARGV token, instance, last number known,
-- limit. Returns {generation, entries}, or 0 if the lease is not the caller's.
local function read(keys, args)
  if redis.call('GET', keys[1]) ~= args[1] or not reconciled(keys[2], args[2]) then return 0 end
  local generation = redis.call('HGET', keys[2], 'generation')
  return {generation, redis.call('XRANGE', keys[3], '(' .. args[3] .. '-0', '+', 'COUNT', args[4])}
end

-- Removes from the outbox what Kafka has. KEYS lease, meta, outbox. ARGV token, instance, generation, number, offset
-- after it ("0" = not known), number + 1. Returns 0 if it may not.
local function trim(keys, args)
  if redis.call('GET', keys[1]) ~= args[1] then return 0 end
  local meta = redis.call('HMGET', keys[2], 'generation', 'number', 'trimmed', 'instance')
  if meta[1] ~= args[3] or meta[4] ~= args[2] or tonumber(args[4]) > tonumber(meta[2]) then return 0 end
  if tonumber(args[4]) > tonumber(meta[3]) then
    if args[5] ~= '0' then
      local entry = redis.call('XRANGE', keys[3], args[4] .. '-0', args[4] .. '-0')[1]
      redis.call('XTRIM', keys[3], 'MINID', args[6] .. '-0')
      redis.call('HSET', keys[2], 'trimmed', args[4], 'offset', args[5], 'anchor', entry and entry[2][6] or '')
    else
      redis.call('XTRIM', keys[3], 'MINID', args[6] .. '-0')
      redis.call('HSET', keys[2], 'trimmed', args[4])
    end
  end
  return 1
end

-- KEYS meta, lease. ARGV instance. Returns {"1" if reconciled, generation, number, trimmed, offset, anchor, installation,
-- shards, "1" if a healer has it}.
local function condition(keys, args)
  local meta = redis.call('HMGET', keys[1], 'instance', 'generation', 'number', 'trimmed', 'offset', 'anchor',
    'installation', 'shards', 'healer')
  local holder = redis.call('GET', keys[2])
  return {
    meta[1] == args[1] and '1' or '0', meta[2] or '0', meta[3] or '0', meta[4] or '0', meta[5] or '0', meta[6] or '',
    meta[7] or '', meta[8] or '0', holder and meta[9] == holder .. '@' .. args[1] and '1' or '0',
  }
end

-- Begins a healing: takes the shard from whoever relays it. KEYS meta, lease. ARGV instance, installation, shards,
-- token, milliseconds. Returns {verdict, condition}: "claimed", "busy", "reconciled", or "other" with another
-- installation's data.
local function claim(keys, args)
  local meta = redis.call('HMGET', keys[1], 'instance', 'installation', 'shards', 'healer')
  if meta[2] and (meta[2] ~= args[2] or meta[3] ~= args[3]) then return {'other', condition(keys, args)} end
  if meta[1] == args[1] then return {'reconciled', condition(keys, args)} end
  local holder = redis.call('GET', keys[2])
  if holder and meta[4] == holder .. '@' .. args[1] then return {'busy', condition(keys, args)} end
  local healer = args[4] .. '@' .. args[1]
  redis.call('SET', keys[2], args[4], 'PX', args[5])
  if meta[2] then
    redis.call('HSET', keys[1], 'healer', healer)
  else
    redis.call('HSET', keys[1], 'generation', '0', 'installation', args[2], 'shards', args[3], 'number', '0',
      'trimmed', '0', 'offset', '0', 'carried', '0', 'healer', healer)
  end
  return {'claimed', condition(keys, args)}
end

local function claimed(keys, token, instance)
  return redis.call('GET', keys[2]) == token and redis.call('HGET', keys[1], 'healer') == token .. '@' .. instance
end

-- KEYS meta, lease. ARGV token, instance, milliseconds. Returns 0 if the claim is over.
local function renew(keys, args)
  if not claimed(keys, args[1], args[2]) then return 0 end
  redis.call('PEXPIRE', keys[2], args[3])
  return 1
end

-- Redis takes so many arguments of one command from Lua's stack.
local chunk = 4000
local function call_in_chunks(name, key, args, first, count)
  while count > 0 do
    local now = math.min(count, chunk)
    redis.call(name, key, unpack(args, first, first + now - 1))
    first = first + now
    count = count - now
  end
end

-- Writes what events of the log come to. KEYS meta, lease, carried, timers, then states, requests, indexes.
-- ARGV token, instance, milliseconds, from, to, number of arguments for marks, number of states, number of requests, then: marks
-- (field, value), states, requests (value, milliseconds), then for the timers and each index the number of members to
-- remove, of arguments to add (score, member), these. Returns 0 if the claim is over, or the shard is not at `from`.
local function fold(keys, args)
  if not claimed(keys, args[1], args[2]) or redis.call('HGET', keys[1], 'number') ~= args[4] then return 0 end
  local marks, states, requests = tonumber(args[6]), tonumber(args[7]), tonumber(args[8])
  redis.call('HSET', keys[1], 'number', args[5], 'carried', '0')
  redis.call('PEXPIRE', keys[2], args[3])
  redis.call('DEL', keys[3])
  local at, key = 9, 5
  call_in_chunks('HSET', keys[1], args, at, marks)
  at = at + marks
  for _ = 1, states do
    redis.call('SET', keys[key], args[at])
    at, key = at + 1, key + 1
  end
  for _ = 1, requests do
    redis.call('SET', keys[key], args[at], 'PX', args[at + 1])
    at, key = at + 2, key + 1
  end
  local set = keys[4]  -- the timers, then the indexes
  while set do
    local removed, added = tonumber(args[at]), tonumber(args[at + 1])
    call_in_chunks('ZREM', set, args, at + 2, removed)
    call_in_chunks('ZADD', set, args, at + 2 + removed, added)
    at = at + 2 + removed + added
    set = keys[key]
    key = key + 1
  end
  return 1
end

-- Ends a healing: the shard serves. KEYS meta, lease, outbox. ARGV token, instance, generation, number of the log's last
-- event, that + 1, nonce. Returns 0 if it may not.
local function finish(keys, args)
  if not claimed(keys, args[1], args[2]) then return 0 end
  local meta = redis.call('HMGET', keys[1], 'generation', 'number')
  if tonumber(args[3]) <= tonumber(meta[1]) or tonumber(args[4]) > tonumber(meta[2]) then return 0 end
  redis.call('XTRIM', keys[3], 'MINID', args[5] .. '-0')
  redis.call('HSET', keys[1], 'generation', args[3], 'instance', args[2], 'trimmed', args[4], 'offset', args[3],
    'anchor', args[6])
  redis.call('HDEL', keys[1], 'healer')
  redis.call('DEL', keys[2])
  return 1
end

-- An aggregate, in one step. KEYS state, timers, index... ARGV number of timers, these (members), a member of each index.
-- Returns {state, the score of each timer or "", then the same of each member}.
local function look(keys, args)
  local found = {redis.call('GET', keys[1]) or ''}
  local timers = tonumber(args[1])
  for i = 1, timers do found[#found + 1] = redis.call('ZSCORE', keys[2], args[1 + i]) or '' end
  for i = 3, #keys do found[#found + 1] = redis.call('ZSCORE', keys[i], args[timers + i - 1]) or '' end
  return found
end

-- Puts an aggregate right. KEYS meta, state, timers, index... ARGV instance, state as it was found, as it is to be (""
-- = none), then as in fold for the timers and each index. Returns 0 if it is another one by now.
local function mend(keys, args)
  if not reconciled(keys[1], args[1]) or (redis.call('GET', keys[2]) or '') ~= args[2] then return 0 end
  if args[3] == '' then redis.call('DEL', keys[2]) else redis.call('SET', keys[2], args[3]) end
  local at = 4
  for key = 3, #keys do
    local removed, added = tonumber(args[at]), tonumber(args[at + 1])
    call_in_chunks('ZREM', keys[key], args, at + 2, removed)
    call_in_chunks('ZADD', keys[key], args, at + 2 + removed, added)
    at = at + 2 + removed + added
  end
  return 1
end

-- KEYS meta, outbox. ARGV after, limit. Returns {number, entries}.
local function outbox(keys, args)
  return {redis.call('HGET', keys[1], 'number') or '0',
    redis.call('XRANGE', keys[2], '(' .. args[1] .. '-0', '+', 'COUNT', args[2])}
end

-- What a Redis that is full must not refuse: publishing is what makes room, and healing what lets shards serve.
local function always(name, callback)
  redis.register_function{function_name = name, callback = callback, flags = {'allow-oom'}}
end
local function reading(name, callback)
  redis.register_function{function_name = name, callback = callback, flags = {'no-writes'}}
end

redis.register_function('tandem_v2_commit', commit)
redis.register_function('tandem_v2_write_places', write_places)
redis.register_function('tandem_v2_mend', mend)
always('tandem_v2_lease', lease)
always('tandem_v2_release', release)
always('tandem_v2_trim', trim)
always('tandem_v2_claim', claim)
always('tandem_v2_renew', renew)
always('tandem_v2_fold', fold)
always('tandem_v2_finish', finish)
reading('tandem_v2_read', read)
reading('tandem_v2_status', status)
reading('tandem_v2_condition', condition)
reading('tandem_v2_look', look)
reading('tandem_v2_outbox', outbox)
