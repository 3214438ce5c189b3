// Reads vitest's JSON reports for .ci/run.
//   reports.mjs failed REPORT   the test files that failed in it, a line each
//   reports.mjs sum FOLDER      what failed, and `N passed, N failed` over NAME.json, in which the files
//                               of NAME-again.json, where there is one, count as they ended the second time
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

const [command, path] = process.argv.slice(2);
if (command === "failed") for (const file of failedFiles(read(path) ?? [])) say(file);
else if (command === "sum") sum(path);
else throw new Error("usage: reports.mjs failed REPORT | sum FOLDER");

function sum(folder) {
  let passed = 0;
  let failed = 0;
  for (const name of readdirSync(folder).filter((name) => !name.endsWith("-again.json"))) {
    const first = read(join(folder, name));
    if (first === null) {
      failed += 1;
      continue;
    }
    const again = join(folder, name.replace(/\.json$/, "-again.json"));
    const second = new Map(
      (existsSync(again) ? read(again) : [])?.map((file) => [file.name, file]),
    );
    for (const file of first) {
      if (second.has(file.name)) tell("failed at first", file);
      const last = second.get(file.name) ?? file;
      tell("failed", last);
      const tests = last.assertionResults;
      passed += tests.filter((test) => test.status === "passed").length;
      failed += tests.filter((test) => test.status === "failed").length;
      // A file that couldn't be loaded, or whose hook failed, counts as one.
      if (last.status === "failed" && tests.every((test) => test.status !== "failed")) failed += 1;
    }
  }
  say(`${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
}

function tell(what, file) {
  if (file.status !== "failed") return;
  say(`${what}: ${relative(process.cwd(), file.name)}`);
  if (file.message) say(`  ${file.message.slice(0, 2000)}`);
  for (const test of file.assertionResults) {
    if (test.status !== "failed") continue;
    say(`  ${test.fullName}\n    ${test.failureMessages.join("\n").slice(0, 2000)}`);
  }
}

function failedFiles(files) {
  return files.filter((file) => file.status === "failed").map((file) => file.name);
}

function say(line) {
  process.stdout.write(`${line}\n`);
}

/** A report that was cut off, or never written, is none. */
function read(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8")).testResults;
  } catch (error) {
    // What is said on standard output may be read as a list of files.
    process.stderr.write(`${path}: ${error.message}\n`);
    return null;
  }
}
