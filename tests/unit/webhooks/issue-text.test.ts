import { describe, expect, it } from "vitest";
import { issueTextOf } from "../../../src/webhooks/issue-text.js";
import { fixture } from "../../support/signed-request.js";

const stored = (name: string) => fixture(name).signed.toString();

describe("the text of an issue in a stored body", () => {
  it("is Gitea's Markdown as it stands", () => {
    expect(issueTextOf("gitea", stored("gitea/issues_edited_body"))).toMatch(
      /^Steps 1–4 are in `docs\/abort\.md`\.\r\n/,
    );
    expect(issueTextOf("gitea", '{"issue":{"body":null}}')).toBe("");
  });

  it("is Plane's HTML with its lines kept apart", () => {
    const text = issueTextOf("plane", stored("plane/issue_created_ui_unicode"));
    expect(text?.split(/\n+/)).toEqual([
      "Telemetry counter wraps at 65 535 & dashboard shows `NaN`.",
      "- 詳細はログを参照 👩‍🚀",
    ]);
  });

  it("is what Plane stripped where there is no HTML", () => {
    const body = (data: object) => JSON.stringify({ data });
    expect(issueTextOf("plane", body({ description_stripped: "plain" }))).toBe("plain");
    expect(issueTextOf("plane", body({ description_html: "", description_stripped: "p" }))).toBe(
      "p",
    );
    expect(issueTextOf("plane", body({}))).toBe("");
  });

  it("is null where no issue is told of", () => {
    expect(issueTextOf("gitea", stored("gitea/push_two_commits"))).toBeNull();
    expect(issueTextOf("plane", "{}")).toBeNull();
    expect(issueTextOf("gitea", "no JSON")).toBeNull();
  });
});
