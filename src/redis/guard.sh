#!/bin/sh
# Runs a server that must not outlive whoever started it, even if that is killed at once.
#   $1 absolute path of the server, $2 its configuration file
# Standard input is a pipe nobody writes to: it ends when its owner does, and then the server is
# told to stop. Exits with the server's code.
exec 3<&0 </dev/null
"$1" "$2" 3<&- &
server=$!
(
  while read -r _ <&3; do :; done
  kill -TERM "$server"
) >/dev/null 2>&1 &
exec 3<&-
wait "$server"
