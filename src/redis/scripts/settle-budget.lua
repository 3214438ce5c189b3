--[[
  Puts what a run used in the place of what it held.
  KEYS  1 the item's ledger  2 the day's ledger  3 what runs hold (run → JSON)
  ARGV  1 run  2 project  3 USD used, in millionths  4 tokens used  5 "1" if this is what it really
        used, "0" if nobody knows and what it held counts  6 the day's ledger's life, s
  Returns 1 if anything changed.
  Guarantees that a run counts once, and holds nothing from here on. What was only assumed of it is
  replaced, once, by what it really used; a run that never held anything counts by its own word alone.
]]
local run, sure = ARGV[1], ARGV[5] == "1"
local open = redis.call("HGET", KEYS[3], run)
local before = redis.call("HGET", KEYS[1], "run:" .. run)
local counted = before and cjson.decode(before) or { usd = 0, tokens = 0, sure = false }
if counted.sure then return 0 end
if not sure and before then return 0 end

local used = { usd = tonumber(ARGV[3]), tokens = tonumber(ARGV[4]), sure = sure }
if not sure and open then
  local held = cjson.decode(open)
  used.usd, used.tokens = held.usd, held.tokens
end
redis.call("HDEL", KEYS[3], run)
redis.call("HSET", KEYS[1], "run:" .. run, cjson.encode(used))
for _, unit in ipairs({ "usd", "tokens" }) do
  local more = used[unit] - counted[unit]
  redis.call("HINCRBY", KEYS[1], "spent:" .. unit, more)
  redis.call("HINCRBY", KEYS[2], "fleet:spent:" .. unit, more)
  redis.call("HINCRBY", KEYS[2], "project:" .. ARGV[2] .. ":spent:" .. unit, more)
end
redis.call("EXPIRE", KEYS[2], ARGV[6])
return 1
