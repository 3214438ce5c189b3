--[[
  Adds edges from one dependent to its blockers.
  KEYS  1 set of met issues  2 unmet blockers of the dependent  3 its waived blockers
        4… dependents of each blocker
  ARGV  1 dependent  2… the blockers, in the order of KEYS 4…
  Returns how many of these blockers are unmet. Stating an edge twice is one edge; one that was waived
  stays away.
]]
local unmet = 0
for i = 2, #ARGV do
  if redis.call("SISMEMBER", KEYS[3], ARGV[i]) == 0 then
    redis.call("SADD", KEYS[i + 2], ARGV[1])
    if redis.call("SISMEMBER", KEYS[1], ARGV[i]) == 0 then
      redis.call("SADD", KEYS[2], ARGV[i])
      unmet = unmet + 1
    end
  end
end
return unmet
