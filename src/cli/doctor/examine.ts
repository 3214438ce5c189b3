import { createMasker } from "../../agents/mask.js";
import { type Line, runChecks } from "./check.js";
import { configurationChecks } from "./configuration.js";
import { dataFolderChecks } from "./data-folder.js";
import { giteaChecks } from "./gitea.js";
import { machineChecks } from "./machine.js";
import { readPatient, type Surroundings } from "./patient.js";
import { planeChecks } from "./plane.js";
import { remoteChecks } from "./remotes.js";
import { storeChecks } from "./store.js";
import { telegramChecks } from "./telegram.js";

export interface Examination extends Surroundings {
  /** Where the trackers' webhooks should lead; absent: to any receiver. */
  readonly receiver?: string | undefined;
}

/** Every check there is, in the order in which a person would go about it; no secret in any line. */
export async function examine(examination: Examination): Promise<readonly Line[]> {
  const patient = readPatient(examination);
  const lines = await runChecks([
    ...configurationChecks(patient),
    ...machineChecks(patient),
    ...dataFolderChecks(patient),
    ...storeChecks(patient),
    ...remoteChecks(patient),
    ...giteaChecks(patient, examination.receiver ?? null),
    ...planeChecks(patient),
    ...telegramChecks(patient),
  ]);
  const { mask } = createMasker(patient.environment?.secrets ?? []);
  return lines.map((line) => ({ ...line, name: mask(line.name), says: mask(line.says) }));
}
