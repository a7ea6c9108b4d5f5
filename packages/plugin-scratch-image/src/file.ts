import { type Artifact, type ArtifactFile, exitCodes, type RunContext, SbpError } from "@sbp/core";
import { type ByteSource, type ElfFile, ExecutableError, readElf, segmentType } from "@sbp/executable";

/** Folders of the image, in whose place no executable can be. */
const takenNames = ["etc", "home", "root", "tmp", "usr", "dev", "proc", "sys"];

/** Tells the executable's name and size, as the artifact's meta. */
export async function runFile({ artifacts, target, write }: RunContext): Promise<void> {
  if (!target!.startsWith("linux-")) {
    await write("image-file", {}, () => {});
    return;
  }
  const { path, size } = executableOf(artifacts["executable"]!);
  await write("image-file", { path, size }, () => {});
}

/** The one executable file. Throws SBP_IMAGE_EXECUTABLE. */
export function executableOf(artifact: Artifact): ArtifactFile {
  const found = artifact.files.filter(({ executable }) => executable);
  const [file] = found;
  if (!file || found.length > 1)
    throw new SbpError(
      "SBP_IMAGE_EXECUTABLE",
      `An image is for one executable, and there are ${found.length}`,
      {
        hint: "The step before scratch-image must make one file that is executable.",
        exitCode: exitCodes.badUsage,
      },
    );
  if (file.path.includes("/") || takenNames.includes(file.path))
    throw new SbpError(
      "SBP_IMAGE_EXECUTABLE",
      `The executable's name, ${file.path}, is that of a folder in the image`,
      {
        hint: "Give it another with `name` of the step embed-runtime.",
        exitCode: exitCodes.badUsage,
      },
    );
  return file;
}

/** Throws SBP_IMAGE_INTERPRETER for what needs a program that is not in the image, SBP_IMAGE_EXECUTABLE for no ELF file. */
export async function checkExecutable(source: ByteSource, name: string): Promise<ElfFile> {
  let elf: ElfFile;
  try {
    elf = await readElf(source);
  } catch (error) {
    if (!(error instanceof ExecutableError)) throw error;
    throw new SbpError("SBP_IMAGE_EXECUTABLE", `${name} cannot run in an image: ${error.message}`, {
      hint: "Images are for executables of Linux.",
      exitCode: exitCodes.badUsage,
      cause: error,
    });
  }
  if (!elf.programHeaders.some(({ type }) => type === segmentType.interpreter)) return elf;
  throw new SbpError(
    "SBP_IMAGE_INTERPRETER",
    `${name} needs the C library of a machine, and an image has none`,
    {
      hint: 'Leave out "selfContained": false of the step embed-runtime.',
      exitCode: exitCodes.badUsage,
    },
  );
}
