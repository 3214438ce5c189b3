/** The option every command has. */
export const CONFIG = "--config <file>";
export const CONFIG_HELP = "the fleet's file (default: $STAGECOACH_CONFIG, else stagecoach.yaml)";
