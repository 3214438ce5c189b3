/**
 * Ends the process as Ctrl-C would once nobody reads what it prints, as `| head` doesn't after some
 * lines. Without this it would break off at the next line and leave behind what it made.
 */
export function endWithReader(): void {
  let gone = false;
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    // A second signal would end what is still being put away.
    if (!gone) process.kill(process.pid, "SIGTERM");
    gone = true;
  });
}
