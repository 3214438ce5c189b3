--[[
  Part of scripts that add jobs by BullMQ's own. Leaves `cmsgpack` as BullMQ's scripts are to find it; `keys_of`,
  the KEYS of one of them; and of the one for a job that can be taken at once `STANDARD_KEYS` and
  `add_standard_job`.
]]
-- BullMQ packs its arguments; from one script to the other they need not be.
local cmsgpack = { unpack = function(unpacked) return unpacked end }

-- Names are as BullMQ calls its queue's keys, `prefix` is what stands before them.
local function keys_of(prefix, names)
  local keys = {}
  for at, name in ipairs(names) do keys[at] = prefix .. name end
  return keys
end

local STANDARD_KEYS = { "wait", "paused", "meta", "id", "completed", "delayed", "active", "events", "marker" }
local function add_standard_job(KEYS, ARGV)
--@include bullmq/add-standard-job
end
