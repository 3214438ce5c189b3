--[[
  Claims a delivery's id and its fingerprint, unless either was dealt with before.
  KEYS  1 delivery id  2 fingerprint  3 body
  ARGV  1 life of a claim, ms  2 raw JSON body, "" to keep none  3 life of a body, ms
  Returns "new", "claimed" (only claims of an unfinished attempt were found) or "duplicate".
  Guarantees that of all callers exactly one hears "new", and that a key once `queued` or `ignored`
  answers "duplicate" for as long as it lives. The body is kept before the job can be taken.
]]
local id, fingerprint = redis.call("GET", KEYS[1]), redis.call("GET", KEYS[2])

local function settled(state) return state == "queued" or state == "ignored" end
-- The other name of a delivery that was dealt with is known from now on too, for as long.
local function also_known(known, state, other)
  redis.call("SET", other, state, "NX", "PX", math.max(redis.call("PTTL", known), 1))
end

if settled(id) then
  also_known(KEYS[1], id, KEYS[2])
  return "duplicate"
end
if settled(fingerprint) then
  also_known(KEYS[2], fingerprint, KEYS[1])
  return "duplicate"
end

redis.call("SET", KEYS[1], "claimed", "NX", "PX", ARGV[1])
redis.call("SET", KEYS[2], "claimed", "NX", "PX", ARGV[1])
if ARGV[2] ~= "" then redis.call("SET", KEYS[3], ARGV[2], "PX", ARGV[3]) end
if id or fingerprint then return "claimed" end
return "new"
