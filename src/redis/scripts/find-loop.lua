--[[
  The shortest way, or nearly, from an issue along its unmet edges back to itself.
  ARGV  1 issue  2 prefix of the keys of edges  3 prefix of those of dependents
  Returns the issues on the way, each blocked by the next and the last one by the first, in one
  string with spaces between; empty: no loop.
  Looks from both ends in turn, whichever has fewer issues to look at next, and gives up as soon as
  one has no more: a new end of a long chain costs one look, and each issue is looked at once. (All
  keys share the prefix's hash tag.)
]]
--@include parts/edges
local start, edges, dependents = ARGV[1], ARGV[2], ARGV[3]
-- By issue: on the way here, who waits for it; and on the way back, whom it waits for.
local ahead, behind = { [start] = true }, { [start] = true }
local fronts, rears = { start }, { start }

local function joined(last, first)
  local path, back = {}, last
  while back ~= start do
    table.insert(path, 1, back)
    back = ahead[back]
  end
  table.insert(path, 1, start)
  while first ~= start do
    path[#path + 1] = first
    first = behind[first]
  end
  return table.concat(path, " ")
end

while #fronts > 0 and #rears > 0 do
  local coming = {}
  if #fronts <= #rears then
    for _, issue in ipairs(fronts) do
      for _, blocker in ipairs(unmetOf(edges .. issue)) do
        if behind[blocker] then return joined(issue, blocker) end
        if not ahead[blocker] then
          ahead[blocker] = issue
          coming[#coming + 1] = blocker
        end
      end
    end
    fronts = coming
  else
    for _, issue in ipairs(rears) do
      for _, dependent in ipairs(redis.call("HKEYS", dependents .. issue)) do
        local _, isUnmet = edgeOf(edges .. dependent, issue)
        if isUnmet then
          if ahead[dependent] then return joined(dependent, issue) end
          if not behind[dependent] then
            behind[dependent] = issue
            coming[#coming + 1] = dependent
          end
        end
      end
    end
    rears = coming
  end
end
return ""
