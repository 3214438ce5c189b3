--[[
  Makes these the edges that one source states, in place of those it stated before.
  KEYS  1 set of met issues  2 edges this source states  3 edges that vanished when it took them back
        4 edges that appeared when it stated them
  ARGV  1 prefix of the keys of dependents' edges  2 of waived sets  3 of blockers' dependents
        4… dependent and blocker of each edge, in turn
  An edge stands while any source states it: counted by dependent and blocker, once a source. One that
  was waived stays away, one whose blocker is met holds nothing up. What held a dependent up and
  vanished is kept in KEYS 3, and what began to hold one up in KEYS 4, as `dependent blocker`, until
  the dependent was seen to: whoever states it may die before that. Costs time in proportion to what
  the source states and stated. (All keys share the prefix's hash tag.)
]]
--@include parts/edges
local edges, waived, dependents = ARGV[1], ARGV[2], ARGV[3]

local wanted = {}
for i = 4, #ARGV, 2 do
  local dependent, blocker = ARGV[i], ARGV[i + 1]
  local edge = dependent .. " " .. blocker
  wanted[edge] = true
  local count, isUnmet = edgeOf(edges .. dependent, blocker)
  if redis.call("HSETNX", KEYS[2], edge, "") == 1 then count = count + 1 end
  redis.call("SREM", KEYS[3], edge)
  if redis.call("SISMEMBER", waived .. dependent, blocker) == 0 then
    redis.call("HSETNX", dependents .. blocker, dependent, "")
    if not isUnmet and redis.call("SISMEMBER", KEYS[1], blocker) == 0 then
      isUnmet = true
      redis.call("SADD", KEYS[4], edge)
    end
  end
  writeEdge(edges .. dependent, blocker, count, isUnmet)
end

for _, edge in ipairs(redis.call("HKEYS", KEYS[2])) do
  if not wanted[edge] then
    local dependent, blocker = string.match(edge, "^(%S+) (%S+)$")
    local count, isUnmet = edgeOf(edges .. dependent, blocker)
    redis.call("HDEL", KEYS[2], edge)
    redis.call("SREM", KEYS[4], edge)
    if count > 1 then
      writeEdge(edges .. dependent, blocker, count - 1, isUnmet)
    else
      redis.call("HDEL", edges .. dependent, blocker)
      redis.call("HDEL", dependents .. blocker, dependent)
      if isUnmet then redis.call("SADD", KEYS[3], edge) end
    end
  end
end
return 1
