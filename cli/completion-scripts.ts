/** The catalogue in the languages of three shells. Words of the catalogue are our own; they are quoted all the same. */
import type { Entry, Options } from './command.ts'
import { allOptions } from './parse.ts'

export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

interface Known {
  /** `case list` → `['case', 'list']`. */
  readonly words: readonly string[]
  readonly does: string
  readonly options: Options
}

/** A script to be sourced by the shell; it completes commands, options, and files after options that take a value. */
export async function script(shell: Shell, catalogue: readonly Entry[]): Promise<string> {
  const known = await Promise.all(
    catalogue.map(async ({ name, does, load }) => ({
      words: name.split(' '),
      does,
      options: allOptions(await load()),
    })),
  )
  return { bash, zsh, fish }[shell](known)
}

/** First words, each once, with what to say of them. */
function firstWords(known: readonly Known[]): (readonly [word: string, does: string])[] {
  const first = new Map<string, string>()
  for (const { words, does } of known) {
    const [word = ''] = words
    first.set(word, words.length === 1 ? does : secondWords(known, word).join(', '))
  }
  return [...first, ['help', 'tell how a command is used'] as const]
}

function secondWords(known: readonly Known[], first: string): string[] {
  return known.flatMap(({ words: [one, two] }) => (one === first && two !== undefined ? [two] : []))
}

function groupsOf(known: readonly Known[]): string[] {
  return [...new Set(known.flatMap(({ words }) => (words.length > 1 ? [words[0] ?? ''] : [])))]
}

const flags = (options: Options) => Object.keys(options).map((name) => `--${name}`)
const valued = (known: readonly Known[]) =>
  [
    ...new Set(
      known.flatMap(({ options }) => Object.keys(options).filter((name) => options[name]?.value !== undefined)),
    ),
  ].map((name) => `--${name}`)

function bash(known: readonly Known[]): string {
  const seconds = groupsOf(known).map((group) => `    ${group}) words='${secondWords(known, group).join(' ')}' ;;`)
  const options = known.map(
    ({ words, options: given }) => `    '${words.join(' ')}'*) words='${flags(given).join(' ')}' ;;`,
  )
  return `# bash completion of bevis: source <(bevis completion bash)
_bevis() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" first="\${COMP_WORDS[1]}" words=''
  COMPREPLY=()
  case "$prev" in
    ${valued(known).join('|')}) return ;;
  esac
  if [[ $COMP_CWORD -eq 1 ]]; then
    words='${firstWords(known)
      .map(([word]) => word)
      .join(' ')} --help'
  elif [[ $cur == -* ]]; then
    case "$first \${COMP_WORDS[2]}" in
${options.join('\n')}
    esac
  elif [[ $COMP_CWORD -eq 2 ]]; then
    case "$first" in
${seconds.join('\n')}
    esac
  fi
  [[ -n $words ]] && COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _bevis bevis`
}

function zsh(known: readonly Known[]): string {
  const said = (pairs: readonly (readonly [string, string])[]) =>
    pairs.map(([word, does]) => quoted(`${word.replaceAll(':', '\\:')}:${does}`)).join(' ')
  const does = (group: string) =>
    known.flatMap(({ words: [one, two], does: says }) =>
      one === group && two !== undefined ? [[two, says] as const] : [],
    )
  const seconds = groupsOf(known).map((group) => `    ${group}) found=(${said(does(group))}) ;;`)
  const options = known.map(({ words, options: given }) => {
    const pairs = Object.entries(given).map(([name, { says }]) => [`--${name}`, says] as const)
    return `    '${words.join(' ')}'*) found=(${said(pairs)}) ;;`
  })
  return `#compdef bevis
# zsh completion of bevis: bevis completion zsh > "\${fpath[1]}/_bevis"
_bevis() {
  local -a found
  case "\${words[CURRENT-1]}" in
    ${valued(known).join('|')}) _files; return ;;
  esac
  if (( CURRENT == 2 )); then
    found=(${said(firstWords(known))})
  elif [[ "\${words[CURRENT]}" == -* ]]; then
    case "\${words[2]} \${words[3]}" in
${options.join('\n')}
    esac
  elif (( CURRENT == 3 )); then
    case "\${words[2]}" in
${seconds.join('\n')}
    esac
  fi
  if (( \${#found} )); then _describe 'bevis' found; else _files; fi
}
compdef _bevis bevis`
}

function fish(known: readonly Known[]): string {
  const first = firstWords(known).map(
    ([word, does]) => `complete -c bevis -n __fish_use_subcommand -f -a ${word} -d ${quoted(does)}`,
  )
  const lines = known.flatMap(({ words: [one = '', two], does, options }) => {
    const seconds = secondWords(known, one).join(' ')
    const isHere = `__fish_seen_subcommand_from ${one}`
    const offer = `complete -c bevis -n ${quoted(`${isHere}; and not __fish_seen_subcommand_from ${seconds}`)} -f -a ${two} -d ${quoted(does)}`
    const where = quoted(two === undefined ? isHere : `${isHere}; and __fish_seen_subcommand_from ${two}`)
    const given = Object.entries(options).map(
      ([name, { value, says }]) =>
        `complete -c bevis -n ${where} -l ${name}${value === undefined ? '' : ' -r'} -d ${quoted(says)}`,
    )
    return [...(two === undefined ? [] : [offer]), ...given]
  })
  return [
    '# fish completion of bevis: bevis completion fish > ~/.config/fish/completions/bevis.fish',
    ...first,
    ...lines,
  ].join('\n')
}

/** In single quotes, where only the quote itself means anything. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", '’')}'`
}
