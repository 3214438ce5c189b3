--[[
  Says whether a version holds its slot, and extends the lease if it does.
  KEYS  1 leases of slots  2 who holds which slot
  ARGV  1 item  2 version  3 now, ms  4 lease, ms  5 run that occupies it from here on, or ""
  Returns 1 or 0. A lease that ran out is not extended, even if nobody took the slot yet. A run that
  was taken over before it began doesn't get the slot from its successor.
]]
local function attempt(run) return tonumber(string.match(run, "%-a(%d+)$")) or 0 end

local expiry = redis.call("ZSCORE", KEYS[1], ARGV[1])
local holder = redis.call("HGET", KEYS[2], ARGV[1])
if not expiry or not holder or tonumber(expiry) <= tonumber(ARGV[3]) then return 0 end
local slot = cjson.decode(holder)
if slot.version ~= tonumber(ARGV[2]) then return 0 end
if ARGV[5] ~= "" then
  if slot.run and attempt(slot.run) > attempt(ARGV[5]) then return 0 end
  slot.run = ARGV[5]
  redis.call("HSET", KEYS[2], ARGV[1], cjson.encode(slot))
end
redis.call("ZADD", KEYS[1], tonumber(ARGV[3]) + tonumber(ARGV[4]), ARGV[1])
return 1
