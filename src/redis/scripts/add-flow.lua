--[[
  Adds the jobs of one flow as BullMQ adds them, each by BullMQ's own script. One that waits for a slot which was
  granted before waits no more, and confirms the grant.
  KEYS  1 grants not yet promoted  2… the jobs, parents before their children
  ARGV  1 the time, ms
        then of each job 7: its queue's key before names; its id; its name; its data as JSON; its options as
        JSON; which of these jobs is its parent, from 1, or "" for the first; the item whose slot it waits for, or ""
  Returns 1 if a job had its slot granted, else 0.
  Guarantees that the flow is there whole, and that a job which is there already stays as it is; one that has another
  parent is left to it, as FlowProducer leaves it.
]]
--@include parts/add-standard-job
local function add_parent_job(KEYS, ARGV)
--@include bullmq/add-parent-job
end
local function add_delayed_job(KEYS, ARGV)
--@include bullmq/add-delayed-job
end
local function release_parent(KEYS, ARGV)
--@include bullmq/release-parent
end

local GRANTS, NOW = KEYS[1], tonumber(ARGV[1])
local OF_EACH = 7
local PARENT = { add = add_parent_job, keys = { "meta", "id", "delayed", "waiting-children", "completed", "events" } }
local DELAYED = { add = add_delayed_job, keys = { "marker", "meta", "id", "delayed", "completed", "events" } }
local STANDARD = { add = add_standard_job, keys = STANDARD_KEYS }

local jobs, parents = {}, {}
for at = 1, #KEYS - 1 do
  local first = 2 + OF_EACH * (at - 1)
  local prefix, id, name, data, options, parent, item = unpack(ARGV, first, first + OF_EACH - 1)
  local job = { key = KEYS[at + 1], prefix = prefix, id = id, name = name, data = data, item = item }
  job.options, job.parent = cjson.decode(options), jobs[tonumber(parent)]
  if job.parent and not job.parent.has_children then
    job.parent.has_children = true
    parents[#parents + 1] = job.parent
  end
  jobs[at] = job
end

local function has_grant(job)
  local grant = job.item ~= "" and redis.call("HGET", GRANTS, job.item)
  return grant and cjson.decode(grant).job.id == job.id and redis.call("EXISTS", job.key) == 0
end

local function kind_of(job)
  if job.has_children then return PARENT end
  return job.options.delay and DELAYED or STANDARD
end

-- As BullMQ calls it: without the colon before names.
local function queue_of(job) return job.prefix:sub(1, -2) end

local function add(job)
  local kind, parent = kind_of(job), job.parent
  local args = { job.prefix, job.id, job.name, NOW }
  if parent then
    args[5], args[6] = parent.key, parent.key .. ":dependencies"
    args[7] = { id = parent.id, queueKey = queue_of(parent) }
  end
  -- Parents are released when all of the flow is there.
  args[10] = 1
  kind.add(keys_of(job.prefix, kind.keys), { args, job.data, job.options })
end

local started = 0
for _, job in ipairs(jobs) do
  if has_grant(job) then
    started, job.options.delay = 1, nil
    redis.call("HDEL", GRANTS, job.item)
  end
  add(job)
end
for _, job in ipairs(parents) do
  release_parent({ job.key, job.key .. ":dependencies" }, { queue_of(job), job.id, NOW })
end
return started
