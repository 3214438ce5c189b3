import { BOARD_PASSWORD, type RunningFleet } from "./running-fleet.js";

/** What an operator's click on "retry" sends; the answer's status. */
export async function retryInBoard(
  fleet: RunningFleet,
  queue: string,
  job: string,
): Promise<number> {
  const credentials = Buffer.from(`admin:${BOARD_PASSWORD}`).toString("base64");
  const response = await fetch(`${fleet.receiver.url}/board/api/queues/${queue}/${job}/retry`, {
    method: "PUT",
    headers: { Authorization: `Basic ${credentials}`, "Sec-Fetch-Site": "same-origin" },
  });
  await response.text();
  return response.status;
}
