--[[
  Writes one transition of one item, whole or not at all.
  KEYS  1 item  2 history  3 effects  4 outbox  5 runs  6 index of items  7 index of commits
        8 counters of the fleet  9 commits of the item  10 channel of changes
  ARGV  1 revision read (0: create)  2 item as JSON  3 id  4 now, ms  5 head or ""
        6 task ("" unless created)  7 number of history entries, then these, then number of effects,
        then these, then twice the number of run records, then pairs of id and record, then twice the
        number of counters, then pairs of name and how much it rises; last but one, what to publish;
        last, who writes: another text at each writing
  Returns the new revision, or -1 if somebody wrote since the item was read (nothing is changed). Sent
  again, since a connection broke before its answer came: the same answer, unless others wrote since.
  Guarantees that stage, history, counters and owed effects never disagree, and that every item with an owed
  effect is in the outbox. Of a very long life the latest entries and runs are kept.
]]
local MOST_ENTRIES, MOST_RUNS = 2000, 500

local revision = tonumber(redis.call("HGET", KEYS[1], "revision") or "0")
if revision ~= tonumber(ARGV[1]) then
  local isAgain = revision == tonumber(ARGV[1]) + 1 and redis.call("HGET", KEYS[1], "writer") == ARGV[#ARGV]
  return isAgain and revision or -1
end

local function read(at)
  local values, count = {}, tonumber(ARGV[at])
  for i = 1, count do values[i] = ARGV[at + i] end
  return values, at + count + 1
end

redis.call("HSET", KEYS[1], "revision", revision + 1, "doc", ARGV[2])
if revision == 0 then
  redis.call("HSET", KEYS[1], "task", ARGV[6])
  redis.call("ZADD", KEYS[6], ARGV[4], ARGV[3])
else
  -- Not of a new one: thousands of them wait, and who finds it there carries on with it.
  redis.call("HSET", KEYS[1], "writer", ARGV[#ARGV])
end
if ARGV[5] ~= "" then
  redis.call("HSET", KEYS[7], ARGV[5], ARGV[3])
  redis.call("SADD", KEYS[9], ARGV[5])
end

local history, afterHistory = read(7)
for _, entry in ipairs(history) do redis.call("RPUSH", KEYS[2], entry) end
redis.call("LTRIM", KEYS[2], -MOST_ENTRIES, -1)

local effects, afterEffects = read(afterHistory)
for _, effect in ipairs(effects) do redis.call("RPUSH", KEYS[3], effect) end
if #effects > 0 then redis.call("ZADD", KEYS[4], "NX", ARGV[4], ARGV[3]) end

local runs, afterRuns = read(afterEffects)
for i = 1, #runs, 2 do redis.call("HSET", KEYS[5], runs[i], runs[i + 1]) end
-- Only each fiftieth run beyond the most sorts them, so that the others cost nothing.
if #runs > 0 and redis.call("HLEN", KEYS[5]) >= MOST_RUNS + 50 then
  local byStart, stored = {}, redis.call("HGETALL", KEYS[5])
  for i = 1, #stored, 2 do
    byStart[#byStart + 1] = { id = stored[i], at = cjson.decode(stored[i + 1]).startedAt }
  end
  table.sort(byStart, function(a, b) return a.at < b.at end)
  for i = 1, #byStart - MOST_RUNS do redis.call("HDEL", KEYS[5], byStart[i].id) end
end

local counts = read(afterRuns)
-- As floats: a counter that held a fraction once is no number for HINCRBY any more.
for i = 1, #counts, 2 do redis.call("HINCRBYFLOAT", KEYS[8], counts[i], counts[i + 1]) end
-- Only open pages hear it: a user that may not publish must not keep items from moving.
redis.pcall("PUBLISH", KEYS[10], ARGV[#ARGV - 1])
return revision + 1
