--[[
  Takes an edge away for good.
  KEYS  1 unmet blockers of the dependent  2 its waived blockers  3 dependents of the blocker
  ARGV  1 dependent  2 blocker
  Waiving is remembered apart from the edges, so that declaring one again can't bring it back.
]]
redis.call("SADD", KEYS[2], ARGV[2])
redis.call("SREM", KEYS[1], ARGV[2])
redis.call("SREM", KEYS[3], ARGV[1])
return 1
