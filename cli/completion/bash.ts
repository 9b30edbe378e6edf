import { placed, type TreeCommand, words, wordsWithValue } from "./command-tree.ts";

/**
 * A completion for bash (https://www.gnu.org/software/bash/manual/html_node/Programmable-Completion.html): commands, their options, and
 * files for whatever is neither.
 */
export function bashCompletion(program: TreeCommand): string {
  const { name } = program;
  const all = placed(program);
  const branches = all.filter(({ command }) => command.commands.length > 0);
  return `# bash completion of ${name}: source it, or put it into ~/.local/share/bash-completion/completions/${name}
_${name}() {
  local word next path="" taken=""
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD - 1]}"
  COMPREPLY=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [[ -n $taken ]]; then taken=""; continue; fi
    case $word in
      ${wordsWithValue(program).join("|")}) taken=1; continue ;;
      -*) continue ;;
    esac
    next="\${path:+$path }$word"
    case $next in
${all
  .filter(({ path }) => path !== "")
  .map(({ path }) => `      "${path}") path=$next ;;`)
  .join("\n")}
    esac
  done
  if [[ -n $taken ]]; then compopt -o default; return; fi
  case $path in
${all.map(({ path, command }) => `    "${path}") local options="${words(command).join(" ")}" ;;`).join("\n")}
  esac
  if [[ $current == -* ]]; then COMPREPLY=($(compgen -W "$options" -- "$current")); return; fi
  case $path in
${branches.map(({ path, command }) => `    "${path}") COMPREPLY=($(compgen -W "${command.commands.map((one) => one.name).join(" ")}" -- "$current")) ;;`).join("\n")}
    *) compopt -o default ;;
  esac
}
complete -F _${name} ${name}
`;
}
