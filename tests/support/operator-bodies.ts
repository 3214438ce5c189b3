const KB = 1024;
const MB = 1024 * KB;
export const JSON_TYPE = "Content-Type: application/json";
export const FORM_TYPE = "Content-Type: application/x-www-form-urlencoded";
/** The answer that a write gives to `{}`. */
export const AS_EVER = "as ever";

/** What reads the body of a write; most let it lie. */
export type Reader = "the login" | "the board" | "nobody";

/** A body with the headers that say what it is. */
export interface Body {
  readonly headers: readonly string[];
  readonly parts: readonly (string | Buffer)[];
  /** What readers answer to it, where it isn't what they answer to `{}`. */
  readonly answers: Partial<Record<Reader, readonly string[]>>;
}

type Refusals = Body["answers"];

function whole(type: string, body: string | Buffer, answers: Refusals = {}): Body {
  return { headers: [type, length(body)], parts: [body], answers };
}

export function inChunks(type: string, chunk: string, times: number, answers: Refusals = {}): Body {
  const framed = `${chunk.length.toString(16)}\r\n${chunk}\r\n`;
  const headers = [type, "Transfer-Encoding: chunked"];
  return { headers, parts: [framed.repeat(times), "0\r\n\r\n"], answers };
}

function framed(headers: readonly string[], body: string, answers: Refusals): Body {
  return { headers: [JSON_TYPE, ...headers], parts: [body], answers };
}

const json = (body: string | Buffer, answers?: Refusals) => whole(JSON_TYPE, body, answers);
const fields = (body: string | Buffer, answers?: Refusals) => whole(FORM_TYPE, body, answers);
const typed = (type: string) => whole(`Content-Type: ${type}`, "{}");

const NOT_JSON = { "the board": ["400"] };
const NO_FRAME = { "the board": ["400"], "the login": ["400"], nobody: ["400"] };
const TOO_LARGE = { "the board": ["413"], "the login": ["413"] };
/** A form that is one, of somebody who isn't known; whoever failed often is slowed. */
const WRONG_LOGIN = { "the login": ["401", "429"] };

export const BODIES: Readonly<Record<string, Body>> = {
  nothing: json(""),
  "half of an object": json(`{"a":`, NOT_JSON),
  null: json("null", NOT_JSON),
  "a number": json("1e400", NOT_JSON),
  "a string": json(`"pause"`, NOT_JSON),
  "an array": json("[]"),
  "two objects": json("{}{}", NOT_JSON),
  "a form that says it is JSON": json("a=1&b=2", NOT_JSON),
  "NUL bytes": json(Buffer.alloc(1_000), NOT_JSON),
  "UTF-16": json(Buffer.from("{}", "utf16le"), NOT_JSON),
  "broken UTF-8": json(Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d])),
  "NUL and a lone surrogate in JSON": json(`{"\\u0000":"\\u0000","\\ud800":"\\udfff"}`),
  "wrong types": json(
    `{"jobId":{},"name":[],"data":1,"options":"x","status":null,"concurrency":{}}`,
  ),
  "a prototype": json(`{"__proto__":{"polluted":1}}`, NOT_JSON),
  "a constructor's prototype": json(`{"constructor":{"prototype":{"polluted":1}}}`, {
    "the board": ["400", AS_EVER],
  }),
  "300,000 open brackets": json("[".repeat(300_000), NOT_JSON),
  "an array 100,000 deep": json("[".repeat(100_000) + "]".repeat(100_000)),
  "a prototype 100,000 deep": json(
    `${`{"a":`.repeat(100_000)}{"__proto__":1}${"}".repeat(100_000)}`,
    NOT_JSON,
  ),
  "20,000 names": json(`{${Array.from({ length: 20_000 }, (_, at) => `"k${at}":${at}`).join()}}`),
  "JSON just within its limit": json(`{}${" ".repeat(MB - 2)}`),
  "JSON over its limit": json(`{}${" ".repeat(MB - 1)}`, { "the board": ["413"] }),
  "JSON over its limit, in chunks": inChunks(JSON_TYPE, " ".repeat(64 * KB), 40, {
    "the board": ["413"],
  }),
  "ten GB announced and not sent": {
    headers: [JSON_TYPE, `Content-Length: ${10_000 * MB}`],
    parts: ["{"],
    answers: { "the board": ["413"] },
  },
  "percent signs": fields("%=%zz&%=%&%u0000=%c3%28"),
  brackets: fields("a[=1&b]=2&[]=3&[[[]]]=4&username[=5&password]=6"),
  "a form deep in brackets": fields(`a${"[b]".repeat(2_000)}=1`),
  "a form deep in dots": fields(`a${".b".repeat(3_000)}=1`),
  "1,500 fields": fields(Array.from({ length: 1_500 }, (_, at) => `k${at}`).join("&")),
  "an array of one far place": fields("a[4294967295]=1&a[-1]=2&a[1e9]=3&username[100000]=4"),
  "fields that are there twice": fields("username=a&username=b&password=c&password=d"),
  "fields that are objects": fields("username[a]=1&password[b]=2&next[]=3"),
  "a form's prototype": fields(
    "__proto__[polluted]=1&constructor[prototype][polluted]=1&__proto__.polluted=1&a.__proto__.polluted=1",
  ),
  "names that objects have": fields("hasOwnProperty=1&toString=2&username=3&valueOf[x]=4"),
  "NUL and a lone surrogate in a form": fields(
    "username=%00admin&password=%ED%A0%80&next=%00%0d%0aSet-Cookie:%20a=b",
    WRONG_LOGIN,
  ),
  "fields that are too long": fields(`username=${"a".repeat(201)}&password=b`),
  "a form over the login's limit": fields("a".repeat(8 * KB + 1), { "the login": ["413"] }),
  "a form over the login's limit, in chunks": inChunks(FORM_TYPE, "a".repeat(KB), 9, {
    "the login": ["413"],
  }),
  "a form over every limit": fields("a".repeat(56 * KB + 1), TOO_LARGE),
  "a form over every limit, in chunks": inChunks(FORM_TYPE, "a".repeat(64 * KB), 40, TOO_LARGE),
  "a megabyte of fields announced and not sent": {
    headers: [FORM_TYPE, `Content-Length: ${MB}`],
    parts: ["a"],
    answers: TOO_LARGE,
  },
  "JSON that says it is a form": fields(`{"username":"admin","password":"x"}`),
  text: typed("text/plain"),
  XML: whole("Content-Type: text/xml", `<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>`),
  "several parts": whole(
    "Content-Type: multipart/form-data; boundary=x",
    `--x\r\nContent-Disposition: form-data; name="username"\r\n\r\nadmin\r\n--x--\r\n`,
  ),
  "no type that there is": typed(";;;"),
  "two types in one": typed("application/json, text/plain"),
  "an encoding of text that there is not": typed("application/json; charset=utf-7"),
  "no type at all": { headers: [length("{}")], parts: ["{}"], answers: {} },
  "two types, JSON first": {
    headers: [JSON_TYPE, FORM_TYPE, length("{")],
    parts: ["{"],
    answers: NOT_JSON,
  },
  "two types, a form first": {
    headers: [FORM_TYPE, JSON_TYPE, length("{")],
    parts: ["{"],
    answers: {},
  },
  "chunks of a byte": inChunks(FORM_TYPE, "a", 3_000),
  "two lengths": framed(["Content-Length: 2", "Content-Length: 3"], "{}x", NO_FRAME),
  "the same length twice": framed(["Content-Length: 2", "Content-Length: 2"], "{}", NO_FRAME),
  "a length and chunks": framed(
    ["Content-Length: 2", "Transfer-Encoding: chunked"],
    "2\r\n{}\r\n0\r\n\r\n",
    NO_FRAME,
  ),
  "a length that is no number": framed(["Content-Length: 0x2"], "{}", NO_FRAME),
  "chunks without a size": framed(["Transfer-Encoding: chunked"], "zz\r\n{}\r\n", {
    "the board": ["400"],
    "the login": ["400"],
    nobody: ["400", AS_EVER],
  }),
  "an unknown framing": framed(["Transfer-Encoding: gzip"], "{}", NO_FRAME),
  "what it expects": framed(["Expect: a miracle", "Content-Length: 2"], "{}", {
    "the board": ["417"],
    "the login": ["417"],
    nobody: ["417"],
  }),
  "a site of its own and another": framed(
    ["Sec-Fetch-Site: cross-site", "Content-Length: 2"],
    "{}",
    { "the board": ["403"], "the login": ["403"], nobody: ["403"] },
  ),
};

export function length(body: string | Buffer): string {
  return `Content-Length: ${Buffer.byteLength(body)}`;
}
