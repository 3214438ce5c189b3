import { describe, expect, it } from "vitest";
import { textOfHtml } from "../../../../src/webhooks/plane/html-text.js";

describe("Plane's HTML as text", () => {
  it("puts paragraphs, headings and list items on lines of their own", () => {
    const html =
      "<p>Total &amp; estimated: <strong>46800</strong> tokens</p><h2>Difficulty</h2><p>medium</p><ul><li><p>one</p></li><li><p>two</p></li></ul>";
    expect(textOfHtml(html).split(/\n+/)).toEqual([
      "Total & estimated: 46800 tokens",
      "## Difficulty",
      "medium",
      "- one",
      "- two",
    ]);
  });

  it("keeps quotes and code recognisable, so that no command is read out of them", () => {
    const html =
      "<blockquote><p>/approve</p></blockquote><pre><code>/cancel\n/retry</code></pre><p><code>/x</code></p>";
    const lines = textOfHtml(html).split(/\n+/);
    expect(lines).toEqual(["> /approve", "```", "/cancel", "/retry", "```", "`/x`"]);
  });

  it("says where links lead", () => {
    const text = textOfHtml('<p>Blocked by <a href="https://g/a/b/issues/160">the API</a></p>');
    expect(text).toBe("Blocked by the API https://g/a/b/issues/160");
  });

  it("drops scripts, styles, mentions and pictures", () => {
    const html =
      '<script>alert(1)</script><style>p{}</style><p><mention-component entity_name="x"></mention-component>hi<img src="x"></p>';
    expect(textOfHtml(html)).toBe("hi");
  });

  it("ends soon on hostile nesting", () => {
    expect(textOfHtml("<div>".repeat(1_000_000))).toBe("");
    expect(textOfHtml("<blockquote>".repeat(1_000_000)).length).toBeLessThan(1_000);
  });
});
