--[[
  Adds to what may be spent on one day.
  KEYS  1 the day's ledger
  ARGV  1 id of the raise  2 account ("fleet:" or "project:<name>:")  3 USD added, in millionths
        4 tokens added  5 the ledger's life, s
  Returns 1 if it was added; the same id adds once.
]]
if redis.call("HSETNX", KEYS[1], "raise:" .. ARGV[1], "1") == 0 then return 0 end
redis.call("HINCRBY", KEYS[1], ARGV[2] .. "granted:usd", ARGV[3])
redis.call("HINCRBY", KEYS[1], ARGV[2] .. "granted:tokens", ARGV[4])
redis.call("EXPIRE", KEYS[1], ARGV[5])
return 1
