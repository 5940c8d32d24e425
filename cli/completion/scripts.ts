const BASH = `# Completion of helm-locker for bash:  source <(helm-locker completion bash)
_helm_locker() {
  local line=\${COMP_LINE:0:COMP_POINT} words=() out value about
  local IFS=$' \\t\\n'
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  local cur=\${words[\${#words[@]}-1]}
  out=$("\${words[0]}" __complete "\${words[@]:1}" 2>/dev/null) || return
  # bash replaces only what follows the last = or : of a word.
  [[ $cur == -*=* ]] && cur=\${cur#*=}
  local kept=\${cur%"\${cur##*:}"}
  COMPREPLY=()
  while IFS=$'\\t' read -r value about; do
    case $value in
      :0) compopt -o default 2>/dev/null ;;
      :*) ;;
      *) COMPREPLY+=("\${value#"$kept"}") ;;
    esac
  done <<<"$out"
}
complete -F _helm_locker helm-locker
`;

const ZSH = `#compdef helm-locker
# Completion of helm-locker for zsh:  source <(helm-locker completion zsh)
_helm_locker() {
  local -a out candidates
  local line value
  out=("\${(@f)$(\${words[1]} __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  for line in $out; do
    value=\${line%%$'\\t'*}
    if [[ $line == :* ]]; then
      continue
    elif [[ $line == *$'\\t'* ]]; then
      candidates+=("\${value//:/\\\\:}:\${line#*$'\\t'}")
    else
      candidates+=("\${value//:/\\\\:}")
    fi
  done
  [[ \${words[CURRENT]} == -*=* ]] && compset -P '*='
  if [[ \${out[-1]} == :0 ]]; then
    _files
  else
    _describe -V helm-locker candidates
  fi
}
if [ "$funcstack[1]" = "_helm_locker" ]; then
  _helm_locker
else
  compdef _helm_locker helm-locker
fi
`;

const FISH = `# Completion of helm-locker for fish:  helm-locker completion fish | source
function __helm_locker_complete
  set -l words (commandline -opc)
  set -l cur (commandline -ct)
  set -l flag (string match -r -- '^-.*?=' $cur)
  for line in ($words[1] __complete $words[2..-1] "$cur" 2>/dev/null)
    switch $line
      case ':0'
        __fish_complete_path (string replace -r -- '^-.*?=' '' $cur)
      case ':*'
      case '*'
        echo "$flag$line"
    end
  end
end
complete -c helm-locker -e
complete -c helm-locker -f -a '(__helm_locker_complete)'
`;

/** What makes a shell ask the command what may follow, by the name of the shell. */
const SCRIPTS = new Map([
  ["bash", BASH],
  ["zsh", ZSH],
  ["fish", FISH],
]);

/** The shells that there is a script for. */
export const SHELLS = [...SCRIPTS.keys()];

/** The script for a shell; undefined if there is none. */
export function scriptFor(shell: string): string | undefined {
  return SCRIPTS.get(shell);
}
