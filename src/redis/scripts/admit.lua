--[[
  Takes free slots for ready items: projects in turn, the lowest number first within one.
  KEYS  1 projects with ready items (score: turn last served)  2 what is ready  3 leases of slots
        (item → expiry, ms)  4 who holds which slot (item → JSON)  5 grants not yet promoted
        6 turn counter  7 when the next wake is due, ms  8 projects whose ready items an older version
        wrote
  ARGV  1 now, ms  2 lease, ms  3 limits as JSON {projects, roles}  4 prefix of the fleet's keys
        5 "1": forget the wake that was due
  Returns when to call this again, ms, or "" if somebody will anyway; then every grant not yet
  promoted, new ones included, as JSON. Again is when the first thing ends that keeps somebody from
  a slot: a lease, a provider's pause, the waiting for an expected number.
  Guarantees that no project, role or paused provider ever has more than its limit. The cost follows
  the number of grants, of projects with work and of their classes, not of waiting items.
  (Ready sets, counters and pauses share the prefix's hash tag, so they live on this shard.)
]]
--@include parts/slot-names
--@include parts/older-ready-sets
--@include parts/choose-slots
--@include parts/free-slot

local served = inTurn(queue, serve, math.huge)

for _, item in ipairs(ended) do freeSlot(prefix, KEYS[3], KEYS[4], KEYS[5], item) end
for _, entry in ipairs(stale) do redis.call("ZREM", entry[1], entry[2]) end
for _, grant in ipairs(served) do
  local head = grant.head
  redis.call("ZREM", classKey(grant.project, classOf(head.ready)), head.item)
  redis.call("HDEL", KEYS[2], head.item)
  redis.call("ZADD", KEYS[3], now + lease, head.item)
  redis.call("HSET", KEYS[4], head.item, head.description)
  redis.call("SADD", counter("project", grant.project), head.item)
  redis.call("SADD", counter("role", head.ready.role), head.item)
  redis.call("HSET", KEYS[5], head.item, head.description)
  redis.call("ZADD", KEYS[1], redis.call("INCR", KEYS[6]), grant.project)
end
for _, project in ipairs(all) do
  for _, class in ipairs(project.classes) do
    if redis.call("EXISTS", class.key) == 0 then
      redis.call("SREM", classesKey(project.name), class.name)
    end
  end
  if redis.call("EXISTS", classesKey(project.name)) == 0 then
    redis.call("ZREM", KEYS[1], project.name)
  end
end

if redis.call("ZCARD", KEYS[1]) > 0 then
  local first = redis.call("ZRANGE", KEYS[3], 0, 0, "WITHSCORES")[2]
  if first then ends(tonumber(first)) end
end
local due = tonumber(redis.call("GET", KEYS[7]) or "0")
if ARGV[5] == "1" or due <= now then due = nil end
local wake = ""
if soonest and (not due or soonest < due) then
  wake = string.format("%.0f", soonest)
  redis.call("SET", KEYS[7], wake)
end
local answer = redis.call("HVALS", KEYS[5])
table.insert(answer, 1, wake)
return answer
