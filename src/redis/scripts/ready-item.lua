--[[
  Puts an item into its project's ready set.
  KEYS  1 ready set of the project  2 projects with ready items  3 what is ready  4 turn counter
        5 who holds which slot
  ARGV  1 item  2 order  3 project  4 description as JSON {item, version, project, role, provider, job}
  Returns 0 if this version holds a slot already (nothing is changed), else 1.
  A project that had nothing ready joins behind those served already in this round.
]]
local holder = redis.call("HGET", KEYS[5], ARGV[1])
if holder and cjson.decode(holder).version == cjson.decode(ARGV[4]).version then return 0 end
redis.call("ZADD", KEYS[1], ARGV[2], ARGV[1])
redis.call("HSET", KEYS[3], ARGV[1], ARGV[4])
redis.call("ZADD", KEYS[2], "NX", redis.call("GET", KEYS[4]) or "0", ARGV[3])
return 1
