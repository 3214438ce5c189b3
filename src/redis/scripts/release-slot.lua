--[[
  Gives a slot back; where no run is named, the place among the ready, too. What a run gives back, late or
  once more, is its slot alone: the place is of who waits to start after it.
  KEYS  1 leases of slots  2 who holds which slot  3 grants not yet promoted  4 what is ready
  ARGV  1 item  2 version  3 prefix of the fleet's keys  4 run that gives it back, or ""
  Returns 1 if a slot was freed. One that a run occupies is freed by that run alone, or by the end of
  its lease, since its agent may still be at work.
]]
--@include parts/free-slot

local item, version, prefix = ARGV[1], tonumber(ARGV[2]), ARGV[3]

local ready = ARGV[4] == "" and redis.call("HGET", KEYS[4], item)
if ready then
  local waiting = cjson.decode(ready)
  if waiting.version == version then
    redis.call("HDEL", KEYS[4], item)
    local class = waiting.project .. "\n" .. waiting.role .. "\n" .. waiting.provider
    redis.call("ZREM", prefix .. ":ready-class:" .. class, item)
  end
end

local holder = redis.call("HGET", KEYS[2], item)
if not holder then return 0 end
local slot = cjson.decode(holder)
if slot.version ~= version then return 0 end
if slot.run and slot.run ~= ARGV[4] then return 0 end
freeSlot(prefix, KEYS[1], KEYS[2], KEYS[3], item)
return 1
