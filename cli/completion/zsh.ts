import { placed, type TreeCommand, type TreeOption, wordsWithValue } from "./command-tree.ts";

/** A completion for zsh (https://zsh.sourceforge.io/Doc/Release/Completion-System.html): commands and options with what they do, and files. */
export function zshCompletion(program: TreeCommand): string {
  const { name } = program;
  const all = placed(program);
  return `#compdef ${name}
# zsh completion of ${name}: put it into a directory of $fpath as _${name}
_${name}() {
  local word next route="" taken=""
  local -a commands options
  for word in "\${(@)words[2,CURRENT-1]}"; do
    if [[ -n $taken ]]; then taken=""; continue; fi
    case $word in
      ${wordsWithValue(program).join("|")}) taken=1; continue ;;
      -*) continue ;;
    esac
    next="\${route:+$route }$word"
    case $next in
${all
  .filter(({ path }) => path !== "")
  .map(({ path }) => `      "${path}") route=$next ;;`)
  .join("\n")}
    esac
  done
  if [[ -n $taken ]]; then _files; return; fi
  case $route in
${all
  .map(
    ({ path, command }) => `    "${path}")
      commands=(${command.commands.map((one) => described(one.name, one.about)).join(" ")})
      options=(${command.options.flatMap(optionWords).join(" ")}) ;;`,
  )
  .join("\n")}
  esac
  if [[ $PREFIX == -* ]]; then _describe option options; return; fi
  if (( \${#commands} )); then _describe command commands; else _files; fi
}
if [[ $funcstack[1] == _${name} ]]; then _${name} "$@"; else compdef _${name} ${name}; fi
`;
}

function optionWords({ long, short, about }: TreeOption): string[] {
  return [long, short].filter((word) => word !== undefined).map((word) => described(word, about));
}

/** A word and what it does, as one quoted word. */
function described(word: string, about: string): string {
  return `'${`${word}:${about}`.replace(/'/g, "'\\''")}'`;
}
