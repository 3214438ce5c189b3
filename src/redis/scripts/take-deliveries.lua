--[[
  Takes deliveries in, each unless it was dealt with before under either of its names: keeps its body, adds
  its job, remembers its names, logs how it ended.
  KEYS  1 log (sorted set by time)
        then of each delivery 4: its id, fingerprint, body, and the numbers that its project expects
  ARGV  1 life of a name and of the log, ms  2 life of the names of what is ignored, ms  3 life of a body, ms
        4 prefix of job keys  5 the time, ms  6 how long a number is expected, ms
        then of each delivery 9: "accepted" or "ignored"; log entry as JSON; its time, ms; why it is ignored, as
        JSON; raw JSON body; and of the job its id, name, data, "" where there is none; the issue's number if it may
        start, or ""
  Returns a word for each delivery, in their order: "new" or "duplicate".
  Guarantees that of all callers exactly one hears "new", that what was "queued" or "ignored" is a "duplicate"
  for as long as it is known, and that whoever takes the job finds the body. Until it is read, higher numbers of
  its project wait for one that may start. A fault in between, as of a key of
  another kind, leaves at most a job whose names aren't known: taken in again, it is found by its id. Names
  that are "claimed" were left so by receivers which did this in several steps, and count as unknown.
]]
--@include parts/add-standard-job

local LOG = KEYS[1]
local LIFE, IGNORED_LIFE, BODY_LIFE, JOB_PREFIX, NOW, EXPECTED = unpack(ARGV, 1, 6)
local JOB_KEYS = keys_of(JOB_PREFIX, STANDARD_KEYS)
local OF_ALL = { keys = 1, args = 6 }
local OF_EACH = { keys = 4, args = 9 }
local STATE = { accepted = "queued", ignored = "ignored" }

local function settled(state) return state == "queued" or state == "ignored" end

-- The other name of a delivery that was dealt with is known from now on too, for as long.
local function also_known(known, state, other)
  redis.call("SET", other, state, "NX", "PX", math.max(redis.call("PTTL", known), 1))
end

local function is_known(id_key, fingerprint_key)
  local states = redis.call("MGET", id_key, fingerprint_key)
  if settled(states[1]) then
    also_known(id_key, states[1], fingerprint_key)
  elseif settled(states[2]) then
    also_known(fingerprint_key, states[2], id_key)
  else
    return false
  end
  return true
end

local function log(entry, time, outcome, reason)
  local whole = entry:sub(1, -2) .. ',"outcome":"' .. outcome .. '","reason":' .. reason .. "}"
  redis.call("ZADD", LOG, time, whole)
end

local function take(keys, outcome, entry, time, reason, body, job, name, data, number)
  local id_key, fingerprint_key, body_key, expected_key = unpack(keys)
  if is_known(id_key, fingerprint_key) then
    log(entry, time, "duplicate", '""')
    return "duplicate"
  end
  redis.call("SET", body_key, body, "PX", BODY_LIFE)
  if outcome == "accepted" then add_standard_job(JOB_KEYS, { { JOB_PREFIX, job, name, NOW }, data, {} }) end
  if number ~= "" then
    redis.call("ZADD", expected_key, NOW + EXPECTED, number)
    -- What nobody came to read.
    redis.call("ZREMRANGEBYSCORE", expected_key, "-inf", NOW - EXPECTED)
  end
  local life = outcome == "accepted" and LIFE or IGNORED_LIFE
  redis.call("SET", id_key, STATE[outcome], "PX", life)
  redis.call("SET", fingerprint_key, STATE[outcome], "PX", life)
  log(entry, time, outcome, reason)
  return "new"
end

local answers, latest = {}, 0
for at = 1, (#KEYS - OF_ALL.keys) / OF_EACH.keys do
  local key, arg = OF_ALL.keys + OF_EACH.keys * (at - 1), OF_ALL.args + OF_EACH.args * (at - 1)
  answers[at] = take({ unpack(KEYS, key + 1, key + OF_EACH.keys) }, unpack(ARGV, arg + 1, arg + OF_EACH.args))
  latest = math.max(latest, tonumber(ARGV[arg + 3]))
end
redis.call("ZREMRANGEBYSCORE", LOG, "-inf", "(" .. string.format("%.0f", latest - tonumber(LIFE)))
redis.call("PEXPIRE", LOG, LIFE)
return table.concat(answers, " ")
