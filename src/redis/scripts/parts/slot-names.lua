-- Part of scripts about slots: ARGV 1–4 as in admit.lua, and the names that are made of them.
local now, lease = tonumber(ARGV[1]), tonumber(ARGV[2])
local limits, prefix = cjson.decode(ARGV[3]), ARGV[4]

local function classesKey(project) return prefix .. ":ready-classes:" .. project end
local function classKey(project, class) return prefix .. ":ready-class:" .. project .. "\n" .. class end
local function counter(kind, name) return prefix .. ":slots:" .. kind .. ":" .. name end
local function classOf(ready) return ready.role .. "\n" .. ready.provider end
