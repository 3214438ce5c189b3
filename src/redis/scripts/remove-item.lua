--[[
  Takes one finished item away, whole or not at all.
  KEYS  1 item  2 history  3 effects  4 runs  5 index of items  6 index of commits  7 commits of
        the item  8 its issue → item  9 waived edges of the issue  10 loops its people were told of
        11 what it spent
  ARGV  1 id  2 revision read  3 prefix of the keys of run logs
  Returns 1, or 0 if it changed since it was read or owes effects (nothing is changed).
  Index entries that are another item's by now stay. That the issue had this item stays known, so that
  nobody starts it again by mistake.
]]
local id = ARGV[1]
if redis.call("HGET", KEYS[1], "revision") ~= ARGV[2] then return 0 end
if redis.call("EXISTS", KEYS[3]) == 1 then return 0 end

for _, commit in ipairs(redis.call("SMEMBERS", KEYS[7])) do
  if redis.call("HGET", KEYS[6], commit) == id then redis.call("HDEL", KEYS[6], commit) end
end
for _, run in ipairs(redis.call("HKEYS", KEYS[4])) do redis.call("DEL", ARGV[3] .. run) end
local issue = redis.call("HMGET", KEYS[8], "prefix", "number")
if issue[1] and string.format("%s-%03d", issue[1], issue[2]) == id then
  redis.call("HSET", KEYS[8], "removed", 1)
  redis.call("DEL", KEYS[9], KEYS[10])
end
redis.call("ZREM", KEYS[5], id)
redis.call("DEL", KEYS[1], KEYS[2], KEYS[4], KEYS[7], KEYS[11])
return 1
