import { mkdirSync, mkdtempSync } from "node:fs";
import { access, constants, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sha256 } from "../hash.ts";
import { processName } from "../process-name.ts";
import { formatVersion } from "../version.ts";
import { Blobs } from "./blobs.ts";
import { cacheFolder } from "./cache-folder.ts";
import {
  type Collected,
  type CollectLimits,
  clearStore,
  collectGarbage,
  collectNowAndThen,
  storedBytes,
} from "./collect.ts";
import { listStore, type StoreEntry } from "./list.ts";
import { Records } from "./records.ts";
import { Spares } from "./spares.ts";
import { storeWork } from "./store-trouble.ts";

/*
 * <cache folder>/v1/
 *   blobs/ab/<sha256>[.x]        the bytes of artifacts; .x may be executed; .state: see Blobs.hashWithTail
 *   actions/ab/<fingerprint>.json  results of actions
 *   projects/<hash>/             what is remembered of one project folder: decisions, published files, file digests, memos
 *   tmp/<process>-…              work of running actions; see processName
 *   spares/                      replaced outputs, for the next build
 * Everything appears by a rename within this folder, so that a reader sees whole files only.
 */

/** The content-addressed store of artifacts and action results on this machine. */
export class Store {
  readonly dir: string;
  /** True when the cache folder could not be used: this one is thrown away at the end. */
  readonly temporary: boolean;
  readonly blobs: Blobs;
  readonly records: Records;
  readonly spares: Spares;

  constructor(dir: string, temporary = false) {
    this.dir = dir;
    this.temporary = temporary;
    this.blobs = new Blobs(join(dir, "blobs"));
    this.records = new Records(join(dir, "actions"));
    this.spares = new Spares(join(dir, "spares"));
  }

  /** A file that belongs to one project folder. */
  projectFile(projectDir: string, name: string): string {
    return join(this.dir, "projects", sha256(projectDir).slice(0, 32), name);
  }

  /** A fresh folder for the work of one action. The caller removes it. */
  workDir(): Promise<string> {
    return storeWork(async () => {
      const parent = join(this.dir, "tmp");
      mkdirSync(parent, { recursive: true });
      return mkdtempSync(join(parent, `${processName()}-`));
    });
  }

  list(): Promise<StoreEntry[]> {
    return listStore(this);
  }

  /** Bytes of all that results have stored. */
  storedBytes(): Promise<number> {
    return storedBytes(this);
  }

  /** Removes what was unused for long and, beyond a size, what was unused longest. */
  gc(limits: CollectLimits = {}): Promise<Collected> {
    return collectGarbage(this, limits);
  }

  /** The same with the default limits, at most once a day. */
  gcNowAndThen(): Promise<void> {
    return collectNowAndThen(this);
  }

  /** Removes everything. */
  clear(): Promise<Collected> {
    return clearStore(this);
  }

  async close(): Promise<void> {
    if (this.temporary) await rm(this.dir, { recursive: true, force: true });
  }
}

/**
 * Opens the store, making its folder. Trouble with the cache never fails a build: where the folder cannot be
 * written, a temporary store serves for this once (`temporary` tells).
 */
export async function openStore(folder: string = cacheFolder()): Promise<Store> {
  const dir = join(folder, `v${formatVersion}`);
  try {
    mkdirSync(dir, { recursive: true });
    await access(dir, constants.W_OK);
    return new Store(dir);
  } catch {
    return openTemporaryStore();
  }
}

/** A store that is thrown away when it is closed. */
export async function openTemporaryStore(): Promise<Store> {
  return new Store(await mkdtemp(join(tmpdir(), "sbp-store-")), true);
}
