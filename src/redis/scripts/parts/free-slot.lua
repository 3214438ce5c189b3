-- Part of scripts about slots: takes an item's slot away, and the grant that came with it.
local function freeSlot(prefix, leases, holders, grants, item)
  local holder = redis.call("HGET", holders, item)
  redis.call("ZREM", leases, item)
  redis.call("HDEL", holders, item)
  redis.call("HDEL", grants, item)
  if not holder then return end
  local slot = cjson.decode(holder)
  redis.call("SREM", prefix .. ":slots:project:" .. slot.project, item)
  redis.call("SREM", prefix .. ":slots:role:" .. slot.role, item)
end
