--[[
  Puts an item into its project's ready set and takes free slots for who is next, in one step: nobody
  is ready without having been looked at.
  KEYS  1-8 those of admit.lua  9-16 those of ready-item.lua
  ARGV  1-5 those of admit.lua  6-12 those of ready-item.lua
  Returns and guarantees what admit.lua does.
]]
local function become_ready(KEYS, ARGV)
--@include ready-item
end
become_ready({ unpack(KEYS, 9, 16) }, { unpack(ARGV, 6, 12) })
--@include admit
