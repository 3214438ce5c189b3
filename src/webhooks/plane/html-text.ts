import { compile, type FormatCallback, type SelectorDefinition } from "html-to-text";

/** Markdown's fence, so that whoever reads commands and metadata knows code as code. */
const fencedBlock: FormatCallback = (element, walk, builder) => {
  builder.openBlock({ isPre: true, leadingLineBreaks: 2 });
  builder.addLiteral("```\n");
  walk(element.children, builder);
  builder.addLiteral("\n```");
  builder.closeBlock({ trailingLineBreaks: 2 });
};

const headings: SelectorDefinition[] = [1, 2, 3, 4, 5, 6].map((level) => ({
  selector: `h${level}`,
  format: "markedHeading",
  options: { mark: `${"#".repeat(level)} ` },
}));

const markedHeading: FormatCallback = (element, walk, builder, options) => {
  const { mark } = options as { mark?: string };
  builder.openBlock({ leadingLineBreaks: 2 });
  builder.addLiteral(mark ?? "");
  walk(element.children, builder);
  builder.closeBlock({ trailingLineBreaks: 2 });
};

/** The parser takes time square to the depth: 100,000 characters of open tags cost about 0.1 s. */
const HTML_LIMIT = 100_000;

const reduce = compile({
  wordwrap: false,
  limits: { maxDepth: 64, ellipsis: "" },
  formatters: { fencedBlock, markedHeading },
  selectors: [
    ...headings,
    { selector: "pre", format: "fencedBlock" },
    { selector: "pre > code", format: "inline" },
    { selector: "code", format: "inlineSurround", options: { prefix: "`", suffix: "`" } },
    { selector: "p", options: { leadingLineBreaks: 1, trailingLineBreaks: 1 } },
    { selector: "ul", options: { itemPrefix: "- " } },
    { selector: "a", options: { hideLinkHrefIfSameAsText: true, linkBrackets: false } },
    { selector: "img", format: "skip" },
  ],
});

/**
 * Plane's HTML as plain text with Markdown's marks for what matters to a reader of commands and
 * metadata: headings, list items, quotes, code, and where links lead. Reads 100,000 characters.
 */
export function textOfHtml(html: string): string {
  return reduce(html.slice(0, HTML_LIMIT)).trim();
}
