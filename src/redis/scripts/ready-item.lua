--[[
  Puts an item into its project's ready set.
  KEYS  1 ready set of its class: project, role and provider  2 projects with ready items
        3 what is ready  4 turn counter  5 who holds which slot  6 grants not yet promoted
        7 leases of slots  8 classes of the project
  ARGV  1 item  2 order  3 project  4 description as JSON {item, version, project, role, provider, job}
        5 now, ms  6 prefix of the fleet's keys  7 class
  Returns 1 if it waits for a slot now. 0: this version holds one already, and if another job shall
  start, its grant names that one from here on; or a newer version came before, and nothing changes.
  Nor does it where the version's run waits by now and its slot's job comes late, as when what a process
  left behind is carried out once more: the latter is over, and a grant for it would start nothing.
  A lease that ran out holds nothing: its slot is freed here, else nobody would queue the item again.
  A project that had nothing ready joins behind those served already in this round.
]]
--@include parts/free-slot

local news = cjson.decode(ARGV[4])

local function isLate(known)
  return known.version == news.version and known.job.queue == "runs" and news.job.queue == "slots"
end

local holder = redis.call("HGET", KEYS[5], ARGV[1])
local expiry = redis.call("ZSCORE", KEYS[7], ARGV[1])
if holder and (not expiry or tonumber(expiry) <= tonumber(ARGV[5])) then
  freeSlot(ARGV[6], KEYS[7], KEYS[5], KEYS[6], ARGV[1])
  holder = false
end
if holder then
  local slot = cjson.decode(holder)
  if slot.version > news.version then return 0 end
  if slot.version == news.version then
    if slot.job.id ~= news.job.id and not isLate(slot) then
      redis.call("HSET", KEYS[5], ARGV[1], ARGV[4])
      redis.call("HSET", KEYS[6], ARGV[1], ARGV[4])
    end
    return 0
  end
end
local ready = redis.call("HGET", KEYS[3], ARGV[1])
if ready then
  local before = cjson.decode(ready)
  if before.version > news.version then return 0 end
  if isLate(before) then return 1 end
  local class = before.role .. "\n" .. before.provider
  if class ~= ARGV[7] or before.project ~= ARGV[3] then
    redis.call("ZREM", ARGV[6] .. ":ready-class:" .. before.project .. "\n" .. class, ARGV[1])
  end
end

redis.call("ZADD", KEYS[1], ARGV[2], ARGV[1])
redis.call("SADD", KEYS[8], ARGV[7])
redis.call("HSET", KEYS[3], ARGV[1], ARGV[4])
redis.call("ZADD", KEYS[2], "NX", redis.call("GET", KEYS[4]) or "0", ARGV[3])
return 1
