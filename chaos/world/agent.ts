/**
 * An agent as people write them. Its issue's text says, in a line `chaos: …`, what the first, second …
 * run does; past the line's end all is well. A run's place is its version and attempt, which only grow:
 * however often faults make it start again, every line comes to its end.
 *
 * fail, later: ends so · back: says no, as an architect by a conflict, as a reviewer, tester or deployer
 * by their verdict · slow: takes its time · child: leaves a process behind · hang: falls silent. The last
 * two stay longer than any auditor waits: somebody has to end them.
 */
export const AGENT = `#!/bin/sh
set -eu
run=$STAGECOACH_RUN
version=\${run##*-v}
attempt=\${version##*-a}
version=\${version%%-a*}
word=$(sed -n 's/^chaos: *//p' "$STAGECOACH_PROMPT_FILE" | head -n 1 | cut -d ' ' -f "$((version + attempt - 1))")
echo "$STAGECOACH_ROLE of $run: \${word:-ok}"
case $word in
  fail) exit 1 ;;
  later) exit 75 ;;
  hang) sleep 86400 ;;
  slow) for second in 1 2 3; do sleep 1; echo "$second"; done ;;
  child) sleep 86400 & ;;
  *) sleep 0.2 ;;
esac
write() {
  mkdir -p "$(dirname "$STAGECOACH_ARTIFACTS/$1")"
  printf '%s\\n\\nBy %s.\\n' "$2" "$run" > "$STAGECOACH_ARTIFACTS/$1"
}
either() {
  if [ "$word" = back ]; then echo "verdict: $2"; else echo "verdict: $1"; fi
}
case $STAGECOACH_ROLE in
  analyst)
    for name in 02-brd 03-trz 04-acceptance-criteria 05-test-plan; do write "$name.md" "# $name"; done
    ;;
  architect)
    if [ "$word" = back ]; then write 10-conflict.md "It can't be both."
    else write 06-adr/0001-notes.md "# A file of notes"; fi
    ;;
  reviewer) write 12-review.md "$(either APPROVED REQUEST_CHANGES)" ;;
  tester) write 13-test-report.md "$(either PASS FAIL)" ;;
  deployer) write 14-deploy.md "$(either SUCCESS FAILURE)" ;;
  *)
    mkdir -p notes
    echo "by $run" >> "notes/$STAGECOACH_ITEM.txt"
    ;;
esac
`;
