--[[
  All issues that stand on any loop with this one, in one string with spaces between.
  ARGV  1 issue  2 prefix of the keys of edges  3 prefix of those of dependents
  Those it waits for, however far, among whom are those who wait for it. Asked only where there is a
  loop: costs time in proportion to all that the issue waits for. (All keys share the hash tag.)
]]
--@include parts/edges
local start, edges, dependents = ARGV[1], ARGV[2], ARGV[3]

local awaited, queue = {}, { start }
local at = 1
while queue[at] do
  for _, blocker in ipairs(unmetOf(edges .. queue[at])) do
    if not awaited[blocker] then
      awaited[blocker] = true
      queue[#queue + 1] = blocker
    end
  end
  at = at + 1
end

local found, seen = { start }, { [start] = true }
at = 1
while found[at] do
  for _, dependent in ipairs(redis.call("HKEYS", dependents .. found[at])) do
    local _, isUnmet = edgeOf(edges .. dependent, found[at])
    if awaited[dependent] and not seen[dependent] and isUnmet then
      seen[dependent] = true
      found[#found + 1] = dependent
    end
  end
  at = at + 1
end
return table.concat(found, " ")
