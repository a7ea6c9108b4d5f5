import { type CompletedCommand, firstWords, membersOf, type Wanted } from "./words.ts";

/** A completion script for bash 3.2 and newer, without the package bash-completion. */
export function bashScript(commands: readonly CompletedCommand[]): string {
  const first = firstWords(commands);
  const groups = [...first.keys()].filter((word) => membersOf(commands, word).length > 0);
  const ofGroups = groups.map((group) => `    ${group}) words="${membersOf(commands, group).join(" ")}" ;;`);
  const ofCommands = commands.map(({ name, options, argument }) => {
    const names = options.flatMap(({ long, short }) => [`--${long}`, ...(short ? [`-${short}`] : [])]);
    const values = options.flatMap(({ long, short, value }) =>
      value === undefined ? [] : [`        --${long}${short ? `|-${short}` : ""}) ${instead(value)} ;;`],
    );
    return [
      `    "${name}")`,
      `      options="${names.join(" ")}"`,
      `      ${argument === "file" ? "files=yes" : `words="${listed(argument)}"`}`,
      "      case $previous in",
      ...values,
      "      esac ;;",
    ].join("\n");
  });
  return `# Completes sbp in bash. To load it: source <(sbp completion bash)
_sbp() {
  local word=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]}
  local command="" options="" words="" files="" folders="" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      --) return ;;
      -C|--cwd|--config) ((i++)) ;;
      -*) ;;
      *)
        case $command in
          "") command=\${COMP_WORDS[i]} ;;
          ${groups.join("|")}) command="$command \${COMP_WORDS[i]}" ;;
        esac ;;
    esac
  done
  COMPREPLY=()
  case $command in
    "") words="${[...first.keys()].join(" ")}" options="--help --version" ;;
    help) words="${[...first.keys()].join(" ")}" ;;
${ofGroups.join("\n")}
${ofCommands.join("\n")}
  esac
  if [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$word"))
  elif [[ -n $folders ]]; then
    COMPREPLY=($(compgen -d -- "$word"))
  elif [[ -n $words ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$word"))
  elif [[ -n $files ]]; then
    COMPREPLY=($(compgen -f -- "$word"))
  fi
}
complete -o filenames -F _sbp sbp`;
}

/** What is completed in place of the command's arguments: the value of an option. */
function instead(value: Wanted): string {
  if (value === "folder") return "folders=yes";
  if (value === "file") return 'words="" files=yes';
  return `words="${listed(value)}" files=""`;
}

function listed(value: Wanted): string {
  return typeof value === "string" ? "" : value.join(" ");
}
