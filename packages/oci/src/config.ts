import { sorted } from "./blob.ts";
import { list, parseJson, parseTexts, record } from "./descriptor.ts";
import { type Digest, parseDigest } from "./digest.ts";
import { malformed } from "./error.ts";
import { type Platform, parsePlatform } from "./platform.ts";

/** How a container of the image runs: image-spec, "OCI Image Configuration". What is not given is not written. */
export interface RunSettings {
  /** Name or number, with or without `:group`. */
  readonly user?: string | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly entrypoint?: readonly string[] | undefined;
  readonly cmd?: readonly string[] | undefined;
  readonly workingDirectory?: string | undefined;
  /** `8080`, `8080/tcp`, `53/udp`. */
  readonly exposedPorts?: readonly string[] | undefined;
  readonly volumes?: readonly string[] | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** `SIGTERM`, or a number. */
  readonly stopSignal?: string | undefined;
  /** Docker's own field: nothing but Docker, podman and their kin looks at it. */
  readonly healthcheck?: Healthcheck | undefined;
}

export interface Healthcheck {
  /** Program and arguments; a scratch image has no shell. */
  readonly command: readonly string[];
  /** All times in milliseconds. */
  readonly interval?: number | undefined;
  readonly timeout?: number | undefined;
  readonly startPeriod?: number | undefined;
  readonly retries?: number | undefined;
}

/** What is read of a config. */
export interface ImageConfig {
  readonly platform: Platform;
  /** Of the uncompressed layers, from the lowest up. */
  readonly diffIds: readonly Digest[];
  /** The field `config` as it is there. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly labels: Readonly<Record<string, string>>;
}

/** RFC 3339 in UTC, from seconds since 1970. */
export function timestamp(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}

/** The bytes of a config. */
export function encodeConfig(parts: {
  readonly platform: Platform;
  readonly created: number;
  readonly settings: RunSettings;
  readonly diffIds: readonly Digest[];
  /** What made each layer, for `docker history`. */
  readonly history: readonly string[];
}): Buffer {
  const { platform, diffIds, history, settings } = parts;
  const created = timestamp(parts.created);
  return Buffer.from(
    JSON.stringify({
      created,
      architecture: platform.architecture,
      os: platform.os,
      variant: platform.variant,
      config: encodeSettings(settings),
      rootfs: { type: "layers", diff_ids: diffIds },
      history: history.map((createdBy) => ({ created, created_by: createdBy })),
    }),
  );
}

function encodeSettings(settings: RunSettings) {
  const { healthcheck } = settings;
  const names = (values: readonly string[] | undefined) =>
    values && sorted(Object.fromEntries(values.map((value) => [value, {}])));
  return {
    User: settings.user,
    ExposedPorts: names(settings.exposedPorts?.map((port) => (port.includes("/") ? port : `${port}/tcp`))),
    Env: settings.env && Object.entries(sorted(settings.env)).map(([name, value]) => `${name}=${value}`),
    Entrypoint: settings.entrypoint,
    Cmd: settings.cmd,
    Volumes: names(settings.volumes),
    WorkingDir: settings.workingDirectory,
    Labels: settings.labels && sorted(settings.labels),
    StopSignal: settings.stopSignal,
    Healthcheck: healthcheck && {
      Test: ["CMD", ...healthcheck.command],
      Interval: nanoseconds(healthcheck.interval),
      Timeout: nanoseconds(healthcheck.timeout),
      StartPeriod: nanoseconds(healthcheck.startPeriod),
      Retries: healthcheck.retries,
    },
  };
}

const nanoseconds = (milliseconds: number | undefined) => milliseconds && milliseconds * 1_000_000;

/** @throws OciError OCI_MALFORMED, OCI_UNSUPPORTED, OCI_TOO_LARGE */
export function parseConfig(bytes: Uint8Array): ImageConfig {
  const value = parseJson(bytes, "the config of an image");
  const { type, diff_ids } = record(value["rootfs"], "rootfs of a config");
  if (type !== "layers") throw malformed("the config of an image has a root that is not made of layers");
  const settings = record(value["config"] ?? {}, "config of a config");
  return {
    platform: parsePlatform(value),
    diffIds: list(diff_ids ?? [], "diff_ids of a config").map(parseDigest),
    settings,
    labels: parseTexts(settings["Labels"], "labels of a config") ?? {},
  };
}
