import type { Environment } from "../../config/environment.js";
import type { Fleet, Project } from "../../domain/fleet.js";
import type { TrackerName } from "../../domain/issue.js";
import type { Forge, Tracker } from "../../engine/tracker.js";
import { createTelegram } from "../../notify/telegram.js";
import { createGitea } from "../../trackers/gitea.js";
import { createPlane } from "../../trackers/plane.js";

/** What reaches people and forges; null where it isn't configured. */
export interface Outside {
  readonly tracker: (name: TrackerName) => Tracker | null;
  readonly forgeOf: (project: Project) => Forge | null;
  readonly notify: (text: string) => Promise<void>;
}

export function connectOutside(environment: Environment, fleet: Fleet): Outside {
  const { giteaUrl, giteaToken, planeUrl, planeApiKey } = environment;
  const gitea =
    giteaUrl === null || giteaToken === null
      ? null
      : createGitea({ url: giteaUrl, token: giteaToken, bot: fleet.bot });
  const planeProjects = fleet.projects.flatMap((p) => (p.plane === null ? [] : [p.plane]));
  const plane =
    planeUrl === null || planeApiKey === null
      ? null
      : createPlane({
          url: planeUrl,
          apiKey: planeApiKey,
          bot: fleet.bot,
          projects: planeProjects,
        });
  return {
    tracker: (name) => (name === "gitea" ? gitea : plane),
    forgeOf: (project) => (project.repo === null ? null : gitea),
    notify: telegramOf(environment),
  };
}

function telegramOf(environment: Environment): (text: string) => Promise<void> {
  const { telegramBotToken, telegramChatId, telegramApiUrl } = environment;
  if (telegramBotToken === null || telegramChatId === null) return async () => {};
  const telegram = createTelegram({
    token: telegramBotToken,
    chatId: telegramChatId,
    url: telegramApiUrl,
  });
  return (text) => telegram.send(text);
}
