--[[
  Brings one key of an older version's edges to what this one reads. Again: changes nothing.
  KEYS  1 a set (stated edges, or dependents of a blocker): it becomes a hash without values
  or    1 counts of sources by blocker  2 edges  3 set of unmet blockers: they become edges, and go
]]
if #KEYS == 1 then
  if redis.call("TYPE", KEYS[1]).ok ~= "set" then return 0 end
  local members = redis.call("SMEMBERS", KEYS[1])
  redis.call("DEL", KEYS[1])
  for _, member in ipairs(members) do redis.call("HSET", KEYS[1], member, "") end
  return 1
end

local counts = redis.call("HGETALL", KEYS[1])
for i = 1, #counts, 2 do
  local isUnmet = redis.call("SISMEMBER", KEYS[3], counts[i]) == 1
  redis.call("HSET", KEYS[2], counts[i], counts[i + 1] .. (isUnmet and "!" or ""))
end
redis.call("DEL", KEYS[1], KEYS[3])
return 1
