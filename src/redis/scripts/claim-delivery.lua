--[[
  Claims deliveries' ids and fingerprints, each unless either was dealt with before.
  KEYS  of each delivery 3: its id, fingerprint, body
  ARGV  1 life of a claim, ms  2 life of a body, ms  then of each delivery its raw JSON body, "" to keep none
  Returns a word for each delivery, in their order: "new", "claimed" (only claims of an unfinished attempt
  were found) or "duplicate".
  Guarantees that of all callers exactly one hears "new", and that a key once `queued` or `ignored`
  answers "duplicate" for as long as it lives. The body is kept before the job can be taken.
]]
local function settled(state) return state == "queued" or state == "ignored" end
-- The other name of a delivery that was dealt with is known from now on too, for as long.
local function also_known(known, state, other)
  redis.call("SET", other, state, "NX", "PX", math.max(redis.call("PTTL", known), 1))
end

local function claim(id_key, fingerprint_key, body_key, body)
  local id, fingerprint = redis.call("GET", id_key), redis.call("GET", fingerprint_key)
  if settled(id) then
    also_known(id_key, id, fingerprint_key)
    return "duplicate"
  end
  if settled(fingerprint) then
    also_known(fingerprint_key, fingerprint, id_key)
    return "duplicate"
  end
  redis.call("SET", id_key, "claimed", "NX", "PX", ARGV[1])
  redis.call("SET", fingerprint_key, "claimed", "NX", "PX", ARGV[1])
  if body ~= "" then redis.call("SET", body_key, body, "PX", ARGV[2]) end
  if id or fingerprint then return "claimed" end
  return "new"
end

local answers = {}
for at = 1, #KEYS / 3 do
  answers[at] = claim(KEYS[3 * at - 2], KEYS[3 * at - 1], KEYS[3 * at], ARGV[2 + at])
end
return table.concat(answers, " ")
