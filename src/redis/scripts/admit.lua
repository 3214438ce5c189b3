--[[
  Takes free slots for ready items: projects in turn, the lowest number first within one.
  KEYS  1 projects with ready items (score: turn last served)  2 what is ready  3 leases of slots
        (item → expiry, ms)  4 who holds which slot (item → JSON)  5 grants not yet promoted
        6 turn counter  7 when the next wake is due, ms
  ARGV  1 now, ms  2 lease, ms  3 limits as JSON {projects, roles}  4 prefix of the fleet's keys
        5 most ready items looked at in one project  6 "1": forget the wake that was due
  Returns when to call this again, ms, or "" if somebody will anyway; then every grant not yet
  promoted, new ones included, as JSON. Again is when the first thing ends that keeps somebody from
  a slot: a lease, a provider's pause, the waiting for an expected number.
  Guarantees that no project, role or paused provider ever has more than its limit. Its cost follows
  the number of grants and of projects with work, not of waiting items.
  (Ready sets, counters and pauses share the prefix's hash tag, so they live on this shard.)
]]
local now, lease = tonumber(ARGV[1]), tonumber(ARGV[2])
local limits, prefix, look = cjson.decode(ARGV[3]), ARGV[4], tonumber(ARGV[5])

local soonest
local function ends(moment)
  if not soonest or moment < soonest then soonest = moment end
end

local function counter(kind, name) return prefix .. ":slots:" .. kind .. ":" .. name end
local function held(kind, name) return redis.call("SCARD", counter(kind, name)) end

local function free(item)
  local holder = redis.call("HGET", KEYS[4], item)
  redis.call("ZREM", KEYS[3], item)
  redis.call("HDEL", KEYS[4], item)
  redis.call("HDEL", KEYS[5], item)
  if holder then
    local slot = cjson.decode(holder)
    redis.call("SREM", counter("project", slot.project), item)
    redis.call("SREM", counter("role", slot.role), item)
  end
end

for _, item in ipairs(redis.call("ZRANGEBYSCORE", KEYS[3], "-inf", now)) do free(item) end

local function awaitsLower(project, order)
  local key = prefix .. ":expected:" .. project
  local numbers = redis.call("ZRANGEBYSCORE", key, now, "+inf", "WITHSCORES")
  for i = 1, #numbers, 2 do
    if tonumber(numbers[i]) < order then
      ends(tonumber(numbers[i + 1]) + 1)
      return true
    end
  end
  return false
end

local function isPaused(provider)
  local rest = redis.call("PTTL", prefix .. ":pause:" .. provider)
  if rest >= 0 then ends(now + rest + 1) end
  return rest ~= -2
end

local function admissible(project, ready, order)
  if redis.call("ZSCORE", KEYS[3], ready.item) then return false end
  local role = limits.roles[ready.role]
  if role and held("role", ready.role) >= role then return false end
  if isPaused(ready.provider) then return false end
  return not awaitsLower(project, order)
end

local function take(project, item, ready, description)
  redis.call("ZREM", prefix .. ":ready:" .. project, item)
  redis.call("HDEL", KEYS[2], item)
  redis.call("ZADD", KEYS[3], now + lease, item)
  redis.call("HSET", KEYS[4], item, description)
  redis.call("SADD", counter("project", project), item)
  redis.call("SADD", counter("role", ready.role), item)
  redis.call("HSET", KEYS[5], item, description)
  redis.call("ZADD", KEYS[1], redis.call("INCR", KEYS[6]), project)
end

local function serve(project)
  local set = prefix .. ":ready:" .. project
  if redis.call("ZCARD", set) == 0 then
    redis.call("ZREM", KEYS[1], project)
    return false
  end
  local limit = limits.projects[project]
  if not limit or held("project", project) >= limit then return false end
  local candidates = redis.call("ZRANGE", set, 0, look - 1, "WITHSCORES")
  for i = 1, #candidates, 2 do
    local description = redis.call("HGET", KEYS[2], candidates[i])
    if not description then
      redis.call("ZREM", set, candidates[i])
    else
      local ready = cjson.decode(description)
      if admissible(project, ready, tonumber(candidates[i + 1])) then
        take(project, candidates[i], ready, description)
        return true
      end
    end
  end
  return false
end

local served = true
while served do
  served = false
  for _, project in ipairs(redis.call("ZRANGE", KEYS[1], 0, -1)) do
    if serve(project) then
      served = true
      break
    end
  end
end

if redis.call("ZCARD", KEYS[1]) > 0 then
  local lease = redis.call("ZRANGE", KEYS[3], 0, 0, "WITHSCORES")[2]
  if lease then ends(tonumber(lease)) end
end
local due = tonumber(redis.call("GET", KEYS[7]) or "0")
if ARGV[6] == "1" or due <= now then due = nil end
local wake = ""
if soonest and (not due or soonest < due) then
  wake = string.format("%.0f", soonest)
  redis.call("SET", KEYS[7], wake)
end
local answer = redis.call("HVALS", KEYS[5])
table.insert(answer, 1, wake)
return answer
