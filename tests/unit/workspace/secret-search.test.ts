import { describe, expect, it } from "vitest";
import { carriesSecret, createSecretSearch } from "../../../src/workspace/secret-search.js";

const SECRET = "tok-4f9a1c77e2";
const patchOf = (text: string, name = "src/a.txt") =>
  `diff --git a/${name} b/${name}\nnew file mode 100644\nindex 000..111\n--- /dev/null\n+++ b/${name}\n@@ -0,0 +1 @@\n${text
    .split("\n")
    .map((line) => `+${line}`)
    .join("\n")}\n`;

function foundIn(pieces: readonly (string | Buffer)[], secrets = [SECRET]): string | null {
  const search = createSecretSearch(secrets);
  for (const piece of pieces) search.take(Buffer.from(piece));
  return search.found();
}

describe("the search for secrets", () => {
  it("finds one however the patch is cut into pieces", () => {
    const patch = patchOf(`first\nx ${SECRET} y`);
    for (let cut = 0; cut <= patch.length; cut += 1) {
      expect(foundIn([patch.slice(0, cut), patch.slice(cut)])).toBe("src/a.txt");
    }
  });

  it("reads only what is added, and each file by itself", () => {
    const removed = patchOf("x").replace("+x", `-${SECRET}`);
    expect(foundIn([removed])).toBeNull();
    const halves = [patchOf(SECRET.slice(0, 7), "a"), patchOf(SECRET.slice(7), "b")];
    expect(foundIn(halves)).toBeNull();
  });

  it("finds one of several lines, its line ends as they are or not", () => {
    const key = "-----BEGIN KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQ==\n-----END KEY-----";
    expect(foundIn([patchOf(key)], [key])).toBe("src/a.txt");
    expect(foundIn([patchOf(key.replaceAll("\n", "\r\n"))], [key])).toBe("src/a.txt");
    expect(foundIn([patchOf("nothing of it")], [key])).toBeNull();
  });

  it("finds one in UTF-16, in UTF-8 beyond ASCII, and past four megabytes of a line", () => {
    const wide = Buffer.concat([
      Buffer.from(patchOf("").trimEnd()),
      Buffer.from(SECRET, "utf16le"),
    ]);
    expect(foundIn([wide])).toBe("src/a.txt");
    expect(foundIn([patchOf("x schlüssel-größe-9 y")], ["schlüssel-größe-9"])).toBe("src/a.txt");
    const long = patchOf(`${"x".repeat(9_000_000)}${SECRET}`);
    const pieces = long.match(/.{1,65536}/gs) ?? [];
    expect(foundIn(pieces)).toBe("src/a.txt");
  });

  it("takes a text for what it is", () => {
    expect(carriesSecret([SECRET], `x${SECRET}`)).toBe(true);
    expect(carriesSecret([SECRET], "x")).toBe(false);
    expect(carriesSecret([], SECRET)).toBe(false);
  });
});
