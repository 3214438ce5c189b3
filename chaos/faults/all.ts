import { cutLine, slowLine, stalledLine } from "./bad-line.js";
import type { Fault } from "./fault.js";
import { frozenProcess } from "./frozen-process.js";
import { killedProcess } from "./killed-process.js";
import { badTracker, fullDisk, remoteAway } from "./outside-faults.js";
import { frozenRedis, killedClients, killedRedis, redisOutOfMemory } from "./redis-faults.js";

export const FAULTS: readonly Fault[] = [
  killedProcess,
  frozenProcess,
  killedRedis,
  frozenRedis,
  killedClients,
  redisOutOfMemory,
  cutLine,
  stalledLine,
  slowLine,
  badTracker,
  remoteAway,
  fullDisk,
];
