--[[
  Holds a run's estimate if every limit leaves room for it.
  KEYS  1 the item's ledger  2 the day's ledger  3 what runs hold (run → JSON)
  ARGV  1 run  2 what it holds as JSON {item, project, day, usd, tokens}  3 limits in the order they
        are tried as JSON [{of: "item" | "project" | "fleet", unit, amount}]  4 oldest day whose runs
        may still be at work  5 prefix of items' ledgers
  Amounts are whole numbers: tokens, or millionths of a USD.
  Returns nil if granted, "settled" if the run is over, else JSON {limit, spent, reserved, allowed},
  limit counted from 1.
  Guarantees that what was spent and what is held never pass a limit by reserving, however many ask
  at once. A run that holds is granted again and holds nothing more; one that has settled never holds
  again, since nobody would settle it any more.
  (All ledgers share the prefix's hash tag, so they live on this shard.)
]]
local run, held = ARGV[1], cjson.decode(ARGV[2])
if redis.call("HEXISTS", KEYS[3], run) == 1 then return nil end
if redis.call("HEXISTS", KEYS[1], "run:" .. run) == 1 then return "settled" end

-- Held for days: its worker died and nobody took the run over. Its estimate counts as spent.
local function giveUp(name, lost)
  redis.call("HDEL", KEYS[3], name)
  local ledger = ARGV[5] .. lost.item
  for _, unit in ipairs({ "usd", "tokens" }) do
    redis.call("HINCRBY", ledger, "spent:" .. unit, lost[unit])
  end
  local settled = { usd = lost.usd, tokens = lost.tokens, sure = false }
  redis.call("HSET", ledger, "run:" .. name, cjson.encode(settled))
end

local reserved = { item = { usd = 0, tokens = 0 }, project = { usd = 0, tokens = 0 } }
reserved.fleet = { usd = 0, tokens = 0 }
local function add(of, other)
  of.usd = of.usd + other.usd
  of.tokens = of.tokens + other.tokens
end
local all = redis.call("HGETALL", KEYS[3])
for i = 1, #all, 2 do
  local other = cjson.decode(all[i + 1])
  if other.day < ARGV[4] then
    giveUp(all[i], other)
  else
    if other.item == held.item then add(reserved.item, other) end
    if other.day == held.day then
      add(reserved.fleet, other)
      if other.project == held.project then add(reserved.project, other) end
    end
  end
end

local function number(key, field) return tonumber(redis.call("HGET", key, field) or "0") end
local function accountOf(limit)
  if limit.of == "item" then return KEYS[1], "" end
  if limit.of == "fleet" then return KEYS[2], "fleet:" end
  return KEYS[2], "project:" .. held.project .. ":"
end

for index, limit in ipairs(cjson.decode(ARGV[3])) do
  local key, account = accountOf(limit)
  local spent = number(key, account .. "spent:" .. limit.unit)
  local allowed = limit.amount + number(key, account .. "granted:" .. limit.unit)
  local holding = reserved[limit.of][limit.unit]
  if spent + holding + held[limit.unit] > allowed then
    return cjson.encode({ limit = index, spent = spent, reserved = holding, allowed = allowed })
  end
end

redis.call("HSET", KEYS[3], run, ARGV[2])
return nil
