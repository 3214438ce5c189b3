import RedisMock from "ioredis-mock";
import { createDeliveryLedger } from "../../../src/redis/delivery-ledger.js";
import { deliveryLedgerContract } from "../../contracts/delivery-ledger.js";
import { uniquePrefix } from "../../support/redis.js";

const redis = new RedisMock();

deliveryLedgerContract("in-memory Redis", async () => {
  const prefix = uniquePrefix();
  return {
    ledger: createDeliveryLedger(redis, prefix),
    lives: async (delivery, fingerprint) => [
      await redis.pttl(`${prefix}:delivery:${delivery}`),
      await redis.pttl(`${prefix}:fingerprint:${fingerprint}`),
    ],
    bodyLives: (fingerprint) => redis.pttl(`${prefix}:body:${fingerprint}`),
  };
});
