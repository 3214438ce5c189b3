--[[
  Logs how a delivery ended, and writes it to both its names.
  KEYS  1 delivery id  2 fingerprint  3 log (sorted set by time)  4 body
  ARGV  1 "queued", "ignored", or "duplicate", which only logs  2 life of that state, ms  3 log entry  4 its time, ms
        5 life of the log, ms  6 raw JSON body, "" where the claim kept it  7 life of a body, ms
  Returns nothing.
  Guarantees that a delivery once queued is never remembered for less because a repeat was ignored.
]]
local function settle(key)
  if ARGV[1] == "duplicate" then return end
  if ARGV[1] == "ignored" and redis.call("GET", key) == "queued" then return end
  redis.call("SET", key, ARGV[1], "PX", ARGV[2])
end
settle(KEYS[1])
settle(KEYS[2])

redis.call("ZADD", KEYS[3], ARGV[4], ARGV[3])
redis.call("ZREMRANGEBYSCORE", KEYS[3], "-inf", "(" .. (tonumber(ARGV[4]) - tonumber(ARGV[5])))
redis.call("PEXPIRE", KEYS[3], ARGV[5])
if ARGV[6] ~= "" then redis.call("SET", KEYS[4], ARGV[6], "NX", "PX", ARGV[7]) end
