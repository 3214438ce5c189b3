--[[
  Strikes one carried-out effect off; the last one takes the item out of the outbox.
  KEYS  1 effects  2 outbox
  ARGV  1 the effect as stored  2 item
  Returns how many effects are still owed.
]]
redis.call("LREM", KEYS[1], 1, ARGV[1])
local left = redis.call("LLEN", KEYS[1])
if left == 0 then redis.call("ZREM", KEYS[2], ARGV[2]) end
return left
