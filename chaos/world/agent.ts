/**
 * An agent as people write them. Its issue's text says, in a line `chaos: …`, what the first, second …
 * run does; past the line's end all is well. A run's place is its version and attempt, which only grow:
 * however often faults make it start again, every line comes to its end.
 *
 * fail, later: ends so · back: a reviewer asks for changes · slow: takes its time · child: leaves a
 * process behind · hang: falls silent
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
  hang) sleep 120 ;;
  slow) for second in 1 2 3; do sleep 1; echo "$second"; done ;;
  child) sleep 300 & ;;
  *) sleep 0.2 ;;
esac
if [ "$STAGECOACH_ROLE" = reviewer ]; then
  mkdir -p "$STAGECOACH_ARTIFACTS"
  verdict=APPROVED
  if [ "$word" = back ]; then verdict=REQUEST_CHANGES; fi
  printf 'verdict: %s\\n\\nLooked at by %s.\\n' "$verdict" "$run" > "$STAGECOACH_ARTIFACTS/12-review.md"
else
  mkdir -p notes
  echo "by $run" >> "notes/$STAGECOACH_ITEM.txt"
fi
`;
