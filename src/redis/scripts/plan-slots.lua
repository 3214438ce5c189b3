--[[
  Tells what admit.lua would do, and writes nothing.
  KEYS, ARGV 1–4  as admit.lua  ARGV  5 most items
  Returns one JSON {item, obstacle?} for each: first who would start now, in order, then who would
  with slots for everybody, and what keeps them from theirs, then who could not even then.
]]
--@include parts/slot-names
--@include parts/choose-slots

local WITH_A_SLOT = { project = true, role = true }
local most, plan = tonumber(ARGV[5]), {}
local function tell(description, obstacle)
  if #plan < most then
    plan[#plan + 1] = cjson.encode({ item = cjson.decode(description), obstacle = obstacle })
  end
end
local starting = inTurn(queue, serve, most)
for _, grant in ipairs(starting) do tell(grant.head.description) end
-- Projects that were served now have their turn behind the others.
local again, last = {}, {}
for place, grant in ipairs(starting) do last[grant.project] = place end
for i, project in ipairs(all) do
  project.turn = (last[project.name] or 0) * #all + i
  again[i] = project
end
table.sort(again, function(a, b) return a.turn < b.turn end)
local kept = {}
local function serveWithSlots(project)
  local head, class = firstOf(project, function(o) return not WITH_A_SLOT[o.kind] end)
  if not head then return nil end
  local awaited = awaitedBy(project.name, head.order)
  if awaited then
    kept[project.name] = awaited
    return nil
  end
  class.next = class.next + 1
  head.obstacle = obstacleOf(project.name, class)
  return head
end
for _, grant in ipairs(inTurn(again, serveWithSlots, most - #plan)) do
  tell(grant.head.description, grant.head.obstacle)
end
for _, project in ipairs(all) do
  for _, class in ipairs(project.classes) do
    local obstacle = obstacleOf(project.name, class)
    if obstacle and WITH_A_SLOT[obstacle.kind] then obstacle = nil end
    local head = #plan < most and headOf(class)
    while head do
      tell(head.description, obstacle or kept[project.name])
      class.next = class.next + 1
      head = #plan < most and headOf(class)
    end
  end
end
for _, entry in ipairs(overtaken) do tell(entry.item, entry.obstacle) end
return plan
