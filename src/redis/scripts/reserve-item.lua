--[[
  Gives an issue its item id, once.
  KEYS  1 issue → item   2 counter of the prefix
  ARGV  1 prefix
  Returns the id's number; the same one until the issue is released (its key deleted).
]]
local number = redis.call("HGET", KEYS[1], "number")
if number then return tonumber(number) end
number = redis.call("INCR", KEYS[2])
redis.call("HSET", KEYS[1], "number", number, "prefix", ARGV[1])
return number
