import { readProcessEnvironment } from "../config/variables.js";
import { examine } from "./doctor/examine.js";
import { exitCodeOf, reportJson, reportText } from "./doctor/report.js";
import { hasColours } from "./look-command.js";
import { receiverAddress } from "./receiver-address.js";

export interface DoctorOptions {
  readonly config?: string | undefined;
  readonly url?: string | undefined;
  readonly json?: boolean | undefined;
}

/** `stagecoach doctor`: is it set up right? Needs no running fleet; 1 if anything must be mended. */
export async function doctor({ config, url, json = false }: DoctorOptions): Promise<never> {
  const lines = await examine({
    env: readProcessEnvironment(),
    cwd: process.cwd(),
    configPath: config,
    receiver: url === undefined ? undefined : receiverAddress(url),
  });
  console.log(json ? reportJson(lines) : reportText(lines, hasColours()));
  process.exit(exitCodeOf(lines));
}
