-- Part of scripts about edges. Each dependent has a hash of its blockers: how many sources state the
-- edge, and "!" behind it while it is unmet.
local function edgeOf(key, blocker)
  local count, mark = string.match(redis.call("HGET", key, blocker) or "0", "^(%d+)(!?)$")
  return tonumber(count), mark == "!"
end

local function writeEdge(key, blocker, count, isUnmet)
  redis.call("HSET", key, blocker, count .. (isUnmet and "!" or ""))
end

local function unmetOf(key)
  local unmet, stored = {}, redis.call("HGETALL", key)
  for i = 1, #stored, 2 do
    if string.sub(stored[i + 1], -1) == "!" then unmet[#unmet + 1] = stored[i] end
  end
  return unmet
end
