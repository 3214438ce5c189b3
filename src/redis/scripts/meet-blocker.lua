--[[
  Marks an issue as met, and the edges to it.
  KEYS  1 set of met issues  2 dependents of the blocker
  ARGV  1 blocker  2 prefix of the keys of dependents' edges
  Returns the dependents, the same again if called again. Costs time in proportion to them alone.
  (Dependents' edges share the prefix's hash tag, so they live on this shard.)
]]
--@include parts/edges
redis.call("SADD", KEYS[1], ARGV[1])
local dependents = redis.call("HKEYS", KEYS[2])
for _, dependent in ipairs(dependents) do
  local count, isUnmet = edgeOf(ARGV[2] .. dependent, ARGV[1])
  if isUnmet then writeEdge(ARGV[2] .. dependent, ARGV[1], count, false) end
end
return dependents
