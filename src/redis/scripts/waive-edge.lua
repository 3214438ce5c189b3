--[[
  Takes an edge away for good.
  KEYS  1 edges of the dependent  2 its waived blockers  3 dependents of the blocker
  ARGV  1 dependent  2 blocker
  Waiving is remembered apart from the edges, so that declaring one again can't bring it back.
]]
--@include parts/edges
redis.call("SADD", KEYS[2], ARGV[2])
local count, isUnmet = edgeOf(KEYS[1], ARGV[2])
if isUnmet then writeEdge(KEYS[1], ARGV[2], count, false) end
redis.call("HDEL", KEYS[3], ARGV[1])
return 1
