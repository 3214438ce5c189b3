--[[
  Pauses a provider: nobody of it is admitted until the pause ends.
  KEYS  1 pause of the provider
  ARGV  1 end, ms since epoch  2 now, ms
  Returns when the pause ends. One that lasts longer is never shortened.
]]
local known = tonumber(redis.call("GET", KEYS[1]) or "0") or 0
if known >= tonumber(ARGV[1]) then return string.format("%.0f", known) end
local rest = math.max(1, tonumber(ARGV[1]) - tonumber(ARGV[2]))
redis.call("SET", KEYS[1], ARGV[1], "PX", string.format("%.0f", rest))
return ARGV[1]
