--[[
  Logs how deliveries ended, and writes it to both names of each.
  KEYS  1 log (sorted set by time)  then of each delivery 3: its id, fingerprint, body
  ARGV  1 life of the log, ms  2 life of a body, ms  then of each delivery 5: "queued", "ignored", or
        "duplicate", which only logs; life of that state, ms; log entry; its time, ms; raw JSON body, ""
        where the claim kept it
  Returns nothing.
  Guarantees that a delivery once queued is never remembered for less because a repeat was ignored.
]]
local function settle(key, state, life)
  if state == "duplicate" then return end
  if state == "ignored" and redis.call("GET", key) == "queued" then return end
  redis.call("SET", key, state, "PX", life)
end

local latest = 0
for at = 1, (#KEYS - 1) / 3 do
  local keys, args = 1 + 3 * (at - 1), 2 + 5 * (at - 1)
  local state, life, entry, time, body = ARGV[args + 1], ARGV[args + 2], ARGV[args + 3], ARGV[args + 4], ARGV[args + 5]
  settle(KEYS[keys + 1], state, life)
  settle(KEYS[keys + 2], state, life)
  redis.call("ZADD", KEYS[1], time, entry)
  if body ~= "" then redis.call("SET", KEYS[keys + 3], body, "NX", "PX", ARGV[2]) end
  latest = math.max(latest, tonumber(time))
end
redis.call("ZREMRANGEBYSCORE", KEYS[1], "-inf", "(" .. string.format("%.0f", latest - tonumber(ARGV[1])))
redis.call("PEXPIRE", KEYS[1], ARGV[1])
