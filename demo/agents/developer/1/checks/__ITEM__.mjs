import assert from "node:assert/strict";
import { item } from "../src/__ITEM__.mjs";

assert.equal(item, "__ITEM__");
