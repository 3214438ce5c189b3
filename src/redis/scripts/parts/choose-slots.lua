--[[
  Part of scripts that give slots out or plan it: who is served next, decided before anything is
  written. Stands after slot-names; KEYS as in admit.lua. Leaves `queue` and `all` (projects in their
  turn), `serve`, `inTurn`, `firstOf`, `headOf`, `obstacleOf`, `awaitedBy`, and what is to be written:
  `ended` (leases), `stale` and `overtaken` (entries of ready sets), `soonest`.
  Ready items of one project, role and provider are a class: slots, roles and pauses let either all of
  a class in or none, so only its first is looked at.
]]
local soonest
local function ends(moment)
  if not soonest or moment < soonest then soonest = moment end
end

-- What is decided and not yet written: by how much each counter changes, and which leases have ended.
local change, ended = {}, redis.call("ZRANGEBYSCORE", KEYS[3], "-inf", now)
local hasEnded = {}

local function held(kind, name)
  local key = counter(kind, name)
  return redis.call("SCARD", key) + (change[key] or 0)
end

local function count(kind, name, by)
  local key = counter(kind, name)
  change[key] = (change[key] or 0) + by
end

for _, item in ipairs(ended) do
  hasEnded[item] = true
  local holder = redis.call("HGET", KEYS[4], item)
  if holder then
    local slot = cjson.decode(holder)
    for _, kind in ipairs({ "project", "role" }) do
      count(kind, slot[kind], -redis.call("SISMEMBER", counter(kind, slot[kind]), item))
    end
  end
end

local function holdsSlot(item)
  return not hasEnded[item] and redis.call("ZSCORE", KEYS[3], item)
end

local expected = {}
local function awaitedBy(project, order)
  expected[project] = expected[project]
    or redis.call("ZRANGEBYSCORE", prefix .. ":expected:" .. project, now, "+inf", "WITHSCORES")
  local numbers = expected[project]
  for i = 1, #numbers, 2 do
    if tonumber(numbers[i]) < order then
      ends(tonumber(numbers[i + 1]) + 1)
      return { kind = "expected", number = tonumber(numbers[i]) }
    end
  end
end

local pauses = {}
local function pauseOf(provider)
  if pauses[provider] == nil then
    local rest = redis.call("PTTL", prefix .. ":pause:" .. provider)
    pauses[provider] = rest ~= -2 and { kind = "paused", provider = provider } or false
    if rest >= 0 then
      ends(now + rest + 1)
      pauses[provider].untilMs = now + rest
    end
  end
  return pauses[provider] or nil
end

local function fullOf(kind, name, limit)
  local used = held(kind, name)
  if used >= limit then return { kind = kind, name = name, used = used, limit = limit } end
end

-- What keeps a whole class from a slot: first what stays when one is given back.
local function obstacleOf(project, class)
  local limit = limits.projects[project]
  if not limit then return { kind = "unknown", name = project } end
  local role = limits.roles[class.role]
  return pauseOf(class.provider)
    or fullOf("project", project, limit)
    or (role and fullOf("role", class.role, role))
end

-- Classes of a project, each with its place in its ready set. Entries nobody described are dropped.
local stale, overtaken = {}, {}
local STEP = 4
local function open(project, name)
  local class = { key = classKey(project, name), name = name, at = 0, read = {}, next = 1 }
  class.role, class.provider = string.match(name, "^(.-)\n(.*)$")
  return class
end

local function fill(class)
  local found = redis.call("ZRANGE", class.key, class.at, class.at + STEP - 1, "WITHSCORES")
  class.at, class.read, class.next = class.at + #found / 2, {}, 1
  for i = 1, #found, 2 do
    local item, description = found[i], redis.call("HGET", KEYS[2], found[i])
    local ready = description and cjson.decode(description)
    if not ready or classOf(ready) ~= class.name then
      stale[#stale + 1] = { class.key, item }
    elseif holdsSlot(item) then
      overtaken[#overtaken + 1] = { item = description, obstacle = { kind = "earlier" } }
    else
      local entry = { item = item, order = tonumber(found[i + 1]), ready = ready }
      entry.description = description
      table.insert(class.read, entry)
    end
  end
  return #found > 0
end

local function headOf(class)
  while not class.read[class.next] and fill(class) do end
  return class.read[class.next]
end

local function before(a, b)
  return a.order < b.order or (a.order == b.order and a.item < b.item)
end

local queue = {}
for _, project in ipairs(redis.call("ZRANGE", KEYS[1], 0, -1)) do
  local classes, names = {}, redis.call("SMEMBERS", classesKey(project))
  table.sort(names)
  for i, name in ipairs(names) do classes[i] = open(project, name) end
  queue[#queue + 1] = { name = project, classes = classes }
end

-- The lowest number among the heads of classes that nothing keeps from a slot.
local function firstOf(project, isObstacle)
  local first, of
  for _, class in ipairs(project.classes) do
    local obstacle = obstacleOf(project.name, class)
    local head = not (obstacle and isObstacle(obstacle)) and headOf(class)
    if head and (not first or before(head, first)) then first, of = head, class end
  end
  return first, of
end

local function serve(project)
  local head, class = firstOf(project, function() return true end)
  if not head or awaitedBy(project.name, head.order) then return nil end
  class.next = class.next + 1
  count("project", project.name, 1)
  count("role", class.role, 1)
  return head
end

-- Whoever isn't served now can't be later in the same call: slots only get fewer.
local function inTurn(projects, serveOne, most)
  local served, waiting = {}, projects
  while #waiting > 0 and #served < most do
    local project = table.remove(waiting, 1)
    local head = serveOne(project)
    if head then
      served[#served + 1] = { project = project.name, head = head }
      table.insert(waiting, project)
    end
  end
  return served
end

local all = {}
for i, project in ipairs(queue) do all[i] = project end
