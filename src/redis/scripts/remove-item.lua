--[[
  Takes one finished item away, whole or not at all.
  KEYS  1 item  2 history  3 effects  4 runs  5 index of items  6 index of branches  7 index of commits
        8 commits of the item  9 its issue → item  10 waived edges of the issue  11 loops its people
        were told of  12 what it spent
  ARGV  1 id  2 its document as read  3 branch field  4 prefix of the keys of run logs
        5 its document as an older version would have written it
  Returns 1, or 0 if it changed since it was read or owes effects (nothing is changed).
  Index entries that are another item's by now stay. That the issue had this item stays known, so that
  nobody starts it again by mistake.
]]
local id = ARGV[1]
local doc = redis.call("HGET", KEYS[1], "doc")
if doc ~= ARGV[2] and doc ~= ARGV[5] then return 0 end
if redis.call("EXISTS", KEYS[3]) == 1 then return 0 end

for _, commit in ipairs(redis.call("SMEMBERS", KEYS[8])) do
  if redis.call("HGET", KEYS[7], commit) == id then redis.call("HDEL", KEYS[7], commit) end
end
if redis.call("HGET", KEYS[6], ARGV[3]) == id then redis.call("HDEL", KEYS[6], ARGV[3]) end
for _, run in ipairs(redis.call("HKEYS", KEYS[4])) do redis.call("DEL", ARGV[4] .. run) end
local issue = redis.call("HMGET", KEYS[9], "prefix", "number")
if issue[1] and string.format("%s-%03d", issue[1], issue[2]) == id then
  redis.call("HSET", KEYS[9], "removed", 1)
  redis.call("DEL", KEYS[10], KEYS[11])
end
redis.call("ZREM", KEYS[5], id)
redis.call("DEL", KEYS[1], KEYS[2], KEYS[4], KEYS[8], KEYS[12])
return 1
