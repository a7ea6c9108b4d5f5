import { setTimeout } from "node:timers/promises";
import { OciError } from "../error.ts";
import type { Answer } from "./transport.ts";

/** Waits so many milliseconds. */
export type Wait = (milliseconds: number, signal?: AbortSignal) => Promise<void>;

export const defaultWait: Wait = async (milliseconds, signal) => {
  await setTimeout(milliseconds, undefined, { signal });
};

/** How often something is tried before its failure is final. */
export const attempts = 5;

/** In milliseconds. A registry that asks for more is not waited for. */
const longestWait = 5 * 60 * 1000;
const firstDelay = 500;

const passing = new Set([408, 429, 499, 500, 502, 503, 504, 522]);

export const isPassing = (status: number): boolean => passing.has(status);

/** Whether an error may be gone at the next try. */
export const isPassingError = (error: unknown): boolean =>
  error instanceof OciError &&
  (error.code === "OCI_UNREACHABLE" ||
    (error.code === "OCI_REGISTRY_FAILED" && isPassing(error.status ?? 0)));

/** How long to wait before try `count` + 1: doubled each time, and spread, so that many clients do not come back at once. */
export function delay(count: number): number {
  return firstDelay * 2 ** count * (0.5 + Math.random() / 2);
}

/**
 * What a registry asks to wait (RFC 9110, "Retry-After": seconds or a date) in milliseconds. Undefined when it does not say.
 *
 * @throws OciError OCI_REGISTRY_FAILED for more than five minutes.
 */
export function retryAfter(answer: Answer): number | undefined {
  const text = answer.header("retry-after")?.trim();
  if (!text) return undefined;
  const wait = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  if (!Number.isFinite(wait)) return undefined;
  // Without a status, or it would count as what may pass.
  if (wait > longestWait)
    throw new OciError(
      "OCI_REGISTRY_FAILED",
      `${answer.url.host} answers ${answer.status} and wants to be asked again in ${Math.ceil(wait / 60_000)} minutes`,
    );
  return Math.max(0, wait);
}
