--[[
  Makes these the edges that one source states, in place of those it stated before.
  KEYS  1 set of met issues  2 edges this source states  3 edges that vanished when it took them back
        4 edges that appeared when it stated them
  ARGV  1 prefix of the keys of unmet sets  2 of waived sets  3 of dependents  4 of counts of sources
        5… dependent and blocker of each edge, in turn
  An edge stands while any source states it: counted by dependent and blocker, once a source. One that
  was waived stays away, one whose blocker is met holds nothing up. What held a dependent up and
  vanished is kept in KEYS 3, and what began to hold one up in KEYS 4, as `dependent blocker`, until
  the dependent was seen to: whoever states it may die before that. Costs time in proportion to what
  the source states and stated. (All keys share the prefix's hash tag.)
]]
local unmet, waived, dependents, sources = ARGV[1], ARGV[2], ARGV[3], ARGV[4]

local wanted = {}
for i = 5, #ARGV, 2 do
  local dependent, blocker = ARGV[i], ARGV[i + 1]
  local edge = dependent .. " " .. blocker
  wanted[edge] = true
  if redis.call("SADD", KEYS[2], edge) == 1 then
    redis.call("HINCRBY", sources .. dependent, blocker, 1)
  end
  redis.call("SREM", KEYS[3], edge)
  if redis.call("SISMEMBER", waived .. dependent, blocker) == 0 then
    redis.call("SADD", dependents .. blocker, dependent)
    if redis.call("SISMEMBER", KEYS[1], blocker) == 0
      and redis.call("SADD", unmet .. dependent, blocker) == 1 then
      redis.call("SADD", KEYS[4], edge)
    end
  end
end

for _, edge in ipairs(redis.call("SMEMBERS", KEYS[2])) do
  if not wanted[edge] then
    local dependent, blocker = string.match(edge, "^(%S+) (%S+)$")
    redis.call("SREM", KEYS[2], edge)
    redis.call("SREM", KEYS[4], edge)
    if redis.call("HINCRBY", sources .. dependent, blocker, -1) <= 0 then
      redis.call("HDEL", sources .. dependent, blocker)
      redis.call("SREM", dependents .. blocker, dependent)
      if redis.call("SREM", unmet .. dependent, blocker) == 1 then
        redis.call("SADD", KEYS[3], edge)
      end
    end
  end
end
return 1
