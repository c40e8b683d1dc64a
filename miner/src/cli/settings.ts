/** Every setting of the configuration file and the environment: what it may be, and whether it may be shown. */

export interface Rule {
  isGood: (value: string) => boolean;
  /** Behind "must be". */
  form: string;
  isSecret?: true;
}

const isWhole = (value: string, least: number, most: number): boolean =>
  /^[0-9]{1,15}$/.test(value) && Number(value) >= least && Number(value) <= most;

export const isWebUrl = (value: string): boolean => /^https?:\/\/[^/]/.test(value) && URL.canParse(value);

const number = (least: number, most: number, form: string): Rule => ({
  isGood: (value) => isWhole(value, least, most),
  form,
});
const oneOf = (...words: readonly string[]): Rule => {
  const last = words.at(-1) ?? "";
  return { isGood: (value) => words.includes(value), form: `${words.slice(0, -1).join(", ")} or ${last}` };
};
const anything: Rule = { isGood: () => true, form: "a text" };
/** A shell makes a home of ~ before a program sees it; nothing does so in a file. */
const path: Rule = { isGood: (value) => !value.startsWith("~"), form: "a whole path: ~ means no home here" };
const secret: Rule = { ...anything, isSecret: true };
const jobSeconds = number(1, 1e6, "a whole number of seconds");

/** Rising temperatures in degrees. */
export function parseThermalLimits(value: string): [warmC: number, hotC: number, criticalC: number] | undefined {
  const numbers = /^\d{2,3},\d{2,3},\d{2,3}$/.test(value) ? value.split(",").map(Number) : [];
  const [warmC = 0, hotC = 0, criticalC = 0] = numbers;
  return warmC >= 30 && warmC < hotC && hotC < criticalC && criticalC <= 120 ? [warmC, hotC, criticalC] : undefined;
}

/** Coordinators' URLs with commas between them. Without passwords: a URL is told to logs, metrics and whoever asks. */
export function parseCoordinators(value: string): string[] | undefined {
  const urls = value.split(",").map((url) => url.trim());
  const isGood = urls.every((url) => isWebUrl(url) && !hasPassword(url));
  return isGood && new Set(urls).size === urls.length ? urls : undefined;
}

function hasPassword(url: string): boolean {
  const { username, password } = new URL(url);
  return `${username}${password}` !== "";
}

const rules: Readonly<Record<string, Rule>> = {
  ACCEL_MODE: oneOf("auto", "gpu", "cpu"),
  ADDRESSES_FILE: path,
  API_KEY: secret,
  AUDIT_WEBHOOK_SECRET: secret,
  CHAIN_ID: number(1, 1e15, "a chain's number, like 31337"),
  COORD_URL: {
    isGood: (value) => parseCoordinators(value) !== undefined,
    form: "a URL like http://127.0.0.1:8402 without a password, or several with commas between them",
  },
  ENERGY_RELATIVE_PRICE: {
    isGood: (value) => /^(\d(\.\d{1,3})?|10)$/.test(value) && Number(value) > 0,
    form: "a number from 0.001 to 10: what a kilowatt-hour costs here, the usual price being 1",
  },
  FETCH: anything,
  FETCH_GB: number(1, 1e6, "a whole number of GB"),
  FINGERPRINTS: oneOf("0", "1"),
  HEARTBEAT_SECS: number(1, 3600, "a whole number of seconds from 1 to 3600"),
  JOB_POLL_SECS: number(1, 60, "a whole number of seconds from 1 to 60"),
  KEYSTORE_PASSWORD_FILE: path,
  LODE_PASSWORD: secret,
  LETTER_SECS: number(1, 3600, "a whole number of seconds from 1 to 3600"),
  MAX_CONCURRENCY: number(1, 48, "a whole number from 1 to 48"),
  MAX_JOB_CPU_SECS: jobSeconds,
  MAX_JOB_MEMORY_MB: number(1, 1e9, "a whole number of MB"),
  MAX_JOB_SECS: jobSeconds,
  MAX_MEMORY_MB: number(1, 1e9, "a whole number of MB"),
  METRICS_PORT: number(1, 65_535, "a port from 1 to 65535"),
  MINER_CERT_FILE: path,
  MINER_CERT_KEY_FILE: path,
  MINER_ID: {
    isGood: (value) => /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/.test(value),
    form: "1 to 64 letters, digits, dots, dashes, colons and underscores",
  },
  MODEL: anything,
  MODEL_STORE_GB: number(1, 1e6, "a whole number of GB"),
  ON_DEMAND: oneOf("yes", "no"),
  PLACE: anything,
  PROVE: anything,
  RPC_URL: { isGood: isWebUrl, form: "a URL like http://127.0.0.1:8545" },
  SANDBOX: oneOf("auto", "require", "off"),
  THERMAL_LIMITS: {
    isGood: (value) => parseThermalLimits(value) !== undefined,
    form: "three rising temperatures from 30 to 120, like 75,85,95",
  },
  UPSTREAM_API_KEY: secret,
  UPSTREAM_KIND: oneOf("text", "image"),
  UPSTREAM_MODEL: anything,
  UPSTREAM_URL: { isGood: isWebUrl, form: "a URL like http://127.0.0.1:8000" },
  WALLET_ADDR: { isGood: (value) => /^0x[0-9a-fA-F]{40}$/.test(value), form: "0x and 40 hexadecimal digits" },
  WORKERS: number(1, 48, "a whole number from 1 to 48"),
  WORK_DIR: path,
  YIELD_GPU: oneOf("always", "never"),
  ZK_PROVER: anything,
};

/** Names that a configuration file may set. Every one is read from the environment too, which goes before the file. */
export const settingNames: readonly string[] = Object.keys(rules).sort();

/** What is wrong with a setting's value, as what it must be; undefined when it is good, empty or of no known setting. */
export function problemOf(name: string, value: string): string | undefined {
  const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
  return rule === undefined || value === "" || rule.isGood(value) ? undefined : `${name} must be ${rule.form}`;
}

export function isSecret(name: string): boolean {
  return Object.hasOwn(rules, name) && rules[name]?.isSecret === true;
}

/** The setting that a misspelt name most likely means. */
export function likelyName(name: string): string | undefined {
  const near = settingNames.map((known) => ({ known, distance: editDistance(name.toUpperCase(), known) }));
  const [best] = near.sort((a, b) => a.distance - b.distance);
  return best !== undefined && best.distance <= 2 ? best.known : undefined;
}

/** Letters to add, drop, change or swap with the next. */
function editDistance(from: string, to: string): number {
  const rows: number[][] = [Array.from({ length: to.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number): number => rows[row]?.[column] ?? Infinity;
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    rows.push(current);
    for (let column = 1; column <= to.length; column += 1) {
      const isSame = from[row - 1] === to[column - 1];
      const isSwapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current[column] = Math.min(
        at(row - 1, column) + 1,
        at(row, column - 1) + 1,
        at(row - 1, column - 1) + (isSame ? 0 : 1),
        isSwapped ? at(row - 2, column - 2) + 1 : Infinity,
      );
    }
  }
  return at(from.length, to.length);
}
