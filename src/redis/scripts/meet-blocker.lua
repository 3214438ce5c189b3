--[[
  Marks an issue as met and takes it off its dependents' unmet sets.
  KEYS  1 set of met issues  2 dependents of the blocker
  ARGV  1 blocker  2 prefix of the keys of unmet sets
  Returns the dependents, the same again if called again. Costs time in proportion to them alone.
  (Unmet sets share the prefix's hash tag, so they live on this shard.)
]]
redis.call("SADD", KEYS[1], ARGV[1])
local dependents = redis.call("SMEMBERS", KEYS[2])
for _, dependent in ipairs(dependents) do
  redis.call("SREM", ARGV[2] .. dependent, ARGV[1])
end
return dependents
