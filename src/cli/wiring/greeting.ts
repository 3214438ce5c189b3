import type { Receiver } from "./receiver.js";

/**
 * Tells the person at the terminal, once, how to log in with a password that was made at start. On
 * standard output, since log lines are collected and kept.
 */
export function greet({ madeLogin, loginUrl }: Receiver): void {
  if (madeLogin === null) return;
  const { username, password } = madeLogin;
  console.log(`No BOARD_PASSWORD is set; until the next start it is ${username} / ${password}`);
  console.log(`Log in: ${loginUrl}`);
}
