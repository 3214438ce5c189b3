-- Part of admit.lua, after slot-names. Ready sets of an older version held all classes of a project.
do
  local projects = redis.call("ZRANGE", KEYS[8], 0, -1, "WITHSCORES")
  for p = 1, #projects, 2 do
    local project = projects[p]
    local old = prefix .. ":ready:" .. project
    local items = redis.call("ZRANGE", old, 0, -1, "WITHSCORES")
    for i = 1, #items, 2 do
      local description = redis.call("HGET", KEYS[2], items[i])
      if description then
        local class = classOf(cjson.decode(description))
        redis.call("ZADD", classKey(project, class), items[i + 1], items[i])
        redis.call("SADD", classesKey(project), class)
      end
    end
    redis.call("ZADD", KEYS[1], "NX", projects[p + 1], project)
    redis.call("ZREM", KEYS[8], project)
    redis.call("DEL", old)
  end
end
